"""The digest that proves equality: 65 536 additive buckets of element hashes, and their root.

Adding is commutative, so replicas that hold the same elements have the same buckets, however they came by them.
"""

from daemon.domain.canonical import digest16

BUCKETS = 65_536
WIDTH = 16
_MODULO = 1 << 128

GROUPS = 256
"""Groups of 256 neighbouring buckets: a difference is looked for among the groups, then within those that differ."""

GROUP_BYTES = BUCKETS // GROUPS * WIDTH
"""The length of one group's buckets, and of the digests of all groups."""


class Buckets:
    """The buckets of one scope in memory: one mebibyte, bucket after bucket, little-endian."""

    __slots__ = ("_raw", "_root")

    def __init__(self) -> None:
        self._raw = bytearray(BUCKETS * WIDTH)
        self._root = b""
        """As it was found since the last change, else empty: a mebibyte takes a millisecond, and marks are many."""

    @property
    def raw(self) -> bytes:
        """All buckets in their order, as they are now."""
        return bytes(self._raw)

    def change(self, bucket: int, *, add: int = 0, take: int = 0) -> None:
        """Add and take element hashes, read as little-endian numbers, modulo 2^128."""
        at = bucket * WIDTH
        self._root = b""
        total = int.from_bytes(self._raw[at : at + WIDTH], "little") + add - take
        self._raw[at : at + WIDTH] = (total % _MODULO).to_bytes(WIDTH, "little")

    def put(self, bucket: int, total: bytes) -> None:
        """Set one bucket, as it was stored."""
        self._root = b""
        self._raw[bucket * WIDTH : (bucket + 1) * WIDTH] = total

    def get(self, bucket: int) -> bytes:
        """One bucket, as it is stored."""
        return bytes(self._raw[bucket * WIDTH : (bucket + 1) * WIDTH])

    def group(self, number: int) -> bytes:
        """The buckets of one group, one after the other."""
        return bytes(self._raw[number * GROUP_BYTES : (number + 1) * GROUP_BYTES])

    def groups(self) -> bytes:
        """The blake2b-128 of each group, one after the other."""
        return b"".join(digest16(self.group(number)) for number in range(GROUPS))

    def root(self) -> bytes:
        """blake2b-128 over all buckets in order."""
        if not self._root:
            self._root = digest16(self.raw)
        return self._root


def differing(ours: bytes, theirs: bytes) -> tuple[int, ...]:
    """Which of the 256 digests (or buckets) of one answer are not the same here."""
    return tuple(
        at for at in range(GROUPS) if ours[at * WIDTH : (at + 1) * WIDTH] != theirs[at * WIDTH : (at + 1) * WIDTH]
    )


def number_of(element_hash: bytes) -> int:
    """An element's hash as the number that its bucket adds up."""
    return int.from_bytes(element_hash, "little")
