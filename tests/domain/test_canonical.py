"""One value has one encoding; whatever is not canonical, plain and small is refused with its reason."""

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.canonical import DEPTH_MAX, check_plain, digest8, digest16, pack, unpack, unpack_foreign
from daemon.errors import PeerFault

plain: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.text(), st.binary(max_size=40)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.integers(0, 2**40), inner, max_size=4).map(lambda found: dict(sorted(found.items()))),
    ),
    max_leaves=12,
).filter(lambda value: depth(value) <= DEPTH_MAX)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(plain)
def test_what_is_packed_comes_back_and_is_taken_from_elsewhere(value: Any) -> None:
    assert unpack(pack(value)) == value
    assert unpack_foreign(pack(value), what="a value", bytes_max=1 << 20) == value


@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_taken_or_refused_and_nothing_else(raw: bytes) -> None:
    try:
        value = unpack_foreign(raw, what="a thing", bytes_max=64)
    except PeerFault:
        return
    assert pack(value) == raw


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\x91" * 40 + b"\x00", "deeply"),
        (b"\x81\xff\x01", "ascending integers"),
        (b"\x82\x02\x01\x01\x01", "ascending integers"),
        (b"\x82\x01\x01\x01\x02", "canonical"),
        (b"\x81\xa1a\x01", "ascending integers"),
        (b"\xcb" + bytes(8), "never travels (float)"),
        (b"\xca\x7f\xc0\x00\x00", "never travels (float)"),
        (b"\xcc\x05", "canonical"),
        (b"\xd4\x01\x00", "well-formed"),
        (b"\xd6\xff\x00\x00\x00\x00", "well-formed"),
        (b"\x92\x01", "well-formed"),
        (b"\x01\x01", "well-formed"),
        (b"\xa1\xff", "well-formed"),
        (b"\xc1", "well-formed"),
        (b"\xdd\xff\xff\xff\xff", "well-formed"),
        (b"\xdf\xff\xff\xff\xff", "well-formed"),
        (b"", "well-formed"),
    ],
)
def test_hostile_bytes_are_refused_with_their_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(PeerFault) as refused:
        unpack_foreign(raw, what="a message", bytes_max=1000)
    assert reason in str(refused.value)


def test_a_map_that_repeats_a_key_is_refused() -> None:
    with pytest.raises(PeerFault, match="canonical"):
        unpack_foreign(b"\x82\x01\xc0\x01\xc0", what="a map", bytes_max=100)


def test_what_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(PeerFault, match="101 bytes long, the most allowed is 100"):
        unpack_foreign(b"\xc0" * 101, what="a message", bytes_max=100)


def test_many_empty_maps_are_refused_before_they_are_built() -> None:
    with pytest.raises(PeerFault, match="well-formed"):
        unpack_foreign(b"\xdd\x00\x01\x00\x00" + b"\x80" * 65_536, what="a bomb", bytes_max=1 << 20)


def test_nesting_as_deep_as_allowed_is_taken() -> None:
    value: Any = 1
    for _ in range(DEPTH_MAX):
        value = (value,)
    check_plain(value, "a value")
    with pytest.raises(PeerFault, match="deeply"):
        check_plain((value,), "a value")
    with pytest.raises(PeerFault, match="deeply"):
        check_plain({1: value}, "a value")


def test_a_list_and_a_tuple_are_one_array() -> None:
    assert pack((1, 2)) == msgpack.packb([1, 2])


def test_digests_run_over_the_parts_as_one() -> None:
    assert digest16(b"abc") != digest16(b"abd")
    assert digest8(b"a", b"bc") == digest8(b"abc")
    assert (len(digest16(b"")), len(digest8(b""))) == (16, 8)
