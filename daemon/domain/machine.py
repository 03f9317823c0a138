"""Whether a disk still runs in the machine that it ran in: facts of the hardware, kept as digests. Pure.

A fact that cannot be read is unknown, and what is unknown differs from nothing: a permission that changes or a kernel
that tells less makes no other machine. One known fact that differs does: the card was copied, or moved. The number of
the system alone says so only where nothing is known of the hardware.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from daemon.domain.canonical import digest16, pack

Facts: TypeAlias = Mapping[str, bytes]
"""Name of a fact → its digest."""

SYSTEM: Final = "system"
"""The fact that an installation makes up; the others are of the hardware."""

_UNWRITTEN: Final = frozenset(
    {"", "none", "uninitialized", "default string", "not specified", "to be filled by o.e.m."}
)
"""What makers and installers leave where a number should be."""


def fingerprint(chain: str, read: Mapping[str, str]) -> Facts:
    """The digests of facts as they were read; the chain's name keeps equal machines of two chains apart."""
    said = {name: text.strip(" \t\r\n\0") for name, text in read.items()}
    return {name: digest16(pack(("machine", chain, name, text))) for name, text in said.items() if _is_number(text)}


def _is_number(text: str) -> bool:
    """Whether this can be anybody's own: not a blank, not a word of the maker's, not 000000."""
    return text.lower() not in _UNWRITTEN and len(set(text) - set("-:. ")) > 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """What to remember of the machine from now on, and the facts by which it is another one than the last time."""

    keep: Facts
    changed: tuple[str, ...]

    @property
    def is_other(self) -> bool:
        """Whether this disk ran in another machine before."""
        return bool(self.changed)


def recognise(stored: Facts | None, here: Facts) -> Recognised:
    """Hold what was stored (None: nothing ever was) against what is read now.

    Facts that the same machine does not tell this time stay known; those of another machine are forgotten.
    """
    if stored is None:
        return Recognised(keep=dict(here), changed=())
    known = stored.keys() & here.keys()
    changed = tuple(sorted(name for name in known if stored[name] != here[name]))
    if changed == (SYSTEM,) and len(known) > 1:
        # Made anew at each start where the root of the system lies in memory; board and disk say that it is the same.
        changed = ()
    return Recognised(keep=dict(here) if changed else {**stored, **here}, changed=changed)
