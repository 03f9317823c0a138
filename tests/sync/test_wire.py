"""Messages come back from their bytes; whatever else comes is refused as the peer's fault, and as nothing worse."""

import zlib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daemon.domain.canonical import pack
from daemon.domain.change import Actor, Header, Operation, Record, Verb, encode_header, encode_operation
from daemon.domain.feed import Batch, Cursor, Frame, Head, Mark, Scope
from daemon.errors import PeerFault
from daemon.sync import wire

naturals = st.integers(0, 2**63 - 1)
eight, sixteen = st.binary(min_size=8, max_size=8), st.binary(min_size=16, max_size=16)
scopes = st.builds(Scope, st.integers(0, 2), st.integers(0, 999))
cursors = st.builds(Cursor, naturals, naturals, sixteen)
heads = st.builds(Head, naturals, naturals, sixteen)
short = st.text(max_size=30)
operations = st.builds(
    Operation,
    st.integers(1, 90),
    eight,
    st.sampled_from(list(Verb)),
    st.dictionaries(st.integers(1, 40), short, max_size=2),
)
records = st.builds(
    Record,
    st.builds(
        Header,
        st.integers(1, 9),
        eight,
        st.integers(1, 2**40),
        st.integers(0, 2**60),
        st.integers(0, 99),
        st.just(Actor()),
    ).map(encode_header),
    st.lists(
        st.one_of(operations.map(encode_operation), sixteen.map(lambda leaf: (leaf,))), min_size=1, max_size=3
    ).map(tuple),
)
batches = st.builds(Batch, naturals, naturals, naturals, sixteen, st.lists(records, max_size=4).map(tuple))
frames = st.builds(Frame, scopes, naturals, naturals, sixteen, st.lists(records, max_size=4).map(tuple))
standings = st.builds(wire.FeedStanding, cursors, cursors)


def maps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[int, Any]]:
    """Maps as they are packed: keys in their order."""
    return st.dictionaries(st.integers(0, 99), values, max_size=3).map(lambda found: dict(sorted(found.items())))


messages: st.SearchStrategy[wire.Message] = st.one_of(
    st.builds(
        wire.Hello,
        site=naturals,
        boot=eight,
        lot=eight,
        head=heads,
        cursors=st.dictionaries(scopes, cursors, max_size=3),
        version=short,
        clock_ms=naturals,
        greeting=naturals,
    ),
    st.builds(
        wire.Welcome,
        boot=eight,
        hub_ms=naturals,
        head=st.none() | heads,
        feeds=st.dictionaries(scopes, standings, max_size=3),
        spread_ms=naturals,
        till=eight,
        greeting=naturals,
    ),
    st.builds(wire.Upload, batches, eight),
    st.builds(wire.Ack, naturals, naturals, eight),
    st.builds(wire.ResealWanted, naturals, naturals, naturals, eight),
    st.builds(wire.Refused, naturals, naturals, short, eight),
    st.builds(wire.RangeWanted, scopes, naturals, naturals, naturals),
    st.builds(wire.Ordered, frames),
    st.builds(wire.Marked, st.builds(Mark, scopes, cursors, sixteen, naturals, naturals)),
    st.builds(wire.Report, naturals, naturals, naturals, short, maps(short)),
)


@given(messages)
@settings(deadline=None)
def test_a_message_comes_back_from_its_bytes(message: wire.Message) -> None:
    assert wire.decode(wire.encode(message)) == message


@given(st.binary(max_size=200))
@example(b"")
@example(b"\x01\x03\x01")
@example(b"\x01\x03\x07\x90")
@settings(deadline=None)
def test_arbitrary_bytes_are_the_peers_fault_and_nothing_worse(raw: bytes) -> None:
    try:
        wire.decode(raw)
    except PeerFault:
        return


@given(st.integers(0, 12), st.binary(max_size=60))
@settings(deadline=None)
def test_arbitrary_bodies_of_every_type_are_the_peers_fault_and_nothing_worse(number: int, body: bytes) -> None:
    for raw in (bytes((wire.VERSION, number, 0)) + body, bytes((wire.VERSION, number, 1)) + zlib.compress(body)):
        try:
            wire.decode(raw)
        except PeerFault:
            continue


@given(messages, st.data())
@settings(deadline=None, max_examples=300)
def test_a_damaged_message_is_read_or_refused_and_nothing_worse(message: wire.Message, data: Any) -> None:
    raw = bytearray(wire.encode(message))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    for damaged in (bytes(raw), bytes(raw[:cut])):
        try:
            wire.decode(damaged)
        except PeerFault:
            continue


nested = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**64 - 1) | short | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=9).map(tuple) | maps(inner),
    max_leaves=20,
)


@given(st.integers(1, 10), nested)
@settings(deadline=None, max_examples=400)
def test_plain_values_of_any_shape_are_read_or_refused_and_nothing_worse(number: int, value: Any) -> None:
    try:
        wire.decode(bytes((wire.VERSION, number, 0)) + pack(value))
    except PeerFault:
        return


def test_a_long_message_is_compressed_and_a_short_one_is_not() -> None:
    short_one = wire.encode(wire.Ack(1, 2, b"bootboot"))
    long_one = wire.encode(wire.Report(1, 2, 3, "v", {1: "x" * 2000}))
    assert short_one[:3] == bytes((1, 4, 0))
    assert long_one[:3] == bytes((1, 10, 1))
    assert len(long_one) < 200


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "wire version"),
        (b"\x02\x04\x00\x90", "wire version"),
        (b"\x01\x63\x00\x90", "type 99"),
        (b"\x01\x04\x00\x93\x01\x02", "well-formed"),
        (b"\x01\x04\x00\x91\x01", "parts"),
        (b"\x01\x04\x01garbage", "does not decompress"),
        (b"\x01\x04\x01" + zlib.compress(b"\x90") + b"x", "behind it"),
        (b"\x01\x04\x01" + zlib.compress(pack((1, 2, bytes(8))))[:-3], "cut off"),
        (b"\x01\x04\x01" + zlib.compress(bytes(wire.PLAIN_BYTES_MAX + 1)), "longer than"),
    ],
)
def test_each_kind_of_nonsense_has_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(PeerFault) as refused:
        wire.decode(raw)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    "parts",
    [
        (-1, 2, bytes(8)),
        (2**63, 2, bytes(8)),
        (True, 2, bytes(8)),
        ("1", 2, bytes(8)),
        (1, 2, bytes(7)),
        (1, 2, "bootboot"),
        (1, 2),
        {1: 2},
        None,
    ],
)
def test_an_acknowledgement_of_something_that_is_no_position_is_refused(parts: Any) -> None:
    with pytest.raises(PeerFault):
        wire.decode(bytes((1, 4, 0)) + pack(parts))


def test_parts_that_a_newer_version_adds_are_let_through() -> None:
    raw = bytes((1, 4, 0)) + pack((1, 2, b"bootboot", "something new"))
    assert wire.decode(raw) == wire.Ack(1, 2, b"bootboot")
