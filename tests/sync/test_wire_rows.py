"""Messages about rows travel and come back; whatever else comes is a fault of the peer, never of ours."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.canonical import pack
from daemon.domain.change import Actor, Header, Record, encode_header
from daemon.domain.digest import GROUP_BYTES
from daemon.domain.element import Element, Key
from daemon.domain.feed import CHAIN, Cursor, Frame, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.merge import Loser
from daemon.domain.portion import BEFORE_ALL, Part, Portion
from daemon.errors import PeerFault
from daemon.sync import wire
from daemon.sync.wire_rows import (
    ALL_GROUPS,
    BUCKETS_MAX,
    ROW_MESSAGES,
    Digest,
    DigestWanted,
    Returned,
    RowMessage,
    Rows,
    RowsHeld,
    RowsMissed,
    RowsWanted,
    TakenBack,
)
from tests.sync.test_row_columns import anything

KEY: Key = (b"anne....", 4, b"dotdotdo")
ROW = Element(Kind.TAG, b"anne....", b"dotdotdo", (5, 2, 7), {1: "vip"}, {1: (9, 3, 7)})
TICKET = b"ticket000001"
HERE = Cursor(2, 40, b"c" * 16)
HEADER = encode_header(Header(2, b"bootboot", 1, 5, 7, Actor(1, "op1", "seller", 4)))
PORTION = Portion(
    CHAIN,
    HERE,
    BEFORE_ALL,
    KEY,
    (ROW,),
    68,
    unsure=(KEY,),
    losers=(Loser(KEY, 1, "old", (4, 2, 7), (9, 3, 7)),),
    authors=(((5, 2, 7), Actor(1, "op1", "seller", 4)),),
    total=1_000_000,
)
MESSAGES: tuple[RowMessage, ...] = (
    DigestWanted(CHAIN, ALL_GROUPS),
    DigestWanted(Scope(Reach.SITE, 9), 0),
    Digest(CHAIN, HERE, 3, b"d" * GROUP_BYTES),
    RowsWanted(CHAIN, BEFORE_ALL, (), 8, TICKET),
    RowsWanted(Scope(Reach.SHOP, 4), KEY, tuple(range(BUCKETS_MAX)), 1, TICKET),
    Rows(PORTION, TICKET),
    Rows(Portion(CHAIN, HERE, KEY, None, (), 68), TICKET),
    Returned(Frame(CHAIN, 1, 9, bytes(16), (Record(HEADER, ((b"l" * 16,),)),))),
    TakenBack(CHAIN, 1, 40),
    RowsMissed((KEY,)),
    RowsHeld(((KEY, ROW.body()),)),
    RowsWanted(CHAIN, KEY, (), 8, TICKET, Part.HISTORY),
    Rows(replace(PORTION, part=Part.COUNTER), TICKET),
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_a_message_comes_back_as_it_was(message: RowMessage) -> None:
    assert wire.decode(wire.encode(message)) == message


@pytest.mark.parametrize(("said", "heard"), [((), 0), ((1,), 1), ((2,), 2), ((3,), 0), (("x",), 0), ((None, 1), 0)])
def test_a_part_that_is_not_said_or_not_known_is_the_whole(said: tuple[object, ...], heard: int) -> None:
    _, plain, read = ROW_MESSAGES[RowsWanted]
    asked = read((*plain(RowsWanted(CHAIN, BEFORE_ALL, (), 8, TICKET)), *said))
    assert isinstance(asked, RowsWanted)
    assert asked.part == heard
    assert len(plain(RowsWanted(CHAIN, BEFORE_ALL, (), 8, TICKET))) == 5, "as versions say it that know of no parts"
    rows = ROW_MESSAGES[Rows]
    answer = rows[2]((*rows[1](Rows(PORTION, TICKET)), *said))
    assert isinstance(answer, Rows)
    assert answer.portion.part == heard


def test_every_message_is_here() -> None:
    assert {type(message) for message in MESSAGES} == set(ROW_MESSAGES)


def frozen(number: int, plain: Any) -> bytes:
    return bytes((wire.VERSION, number, 0)) + pack(plain)


def plain_of(message: RowMessage) -> tuple[int, tuple[Any, ...]]:
    number, to_plain, _ = ROW_MESSAGES[type(message)]
    return number, tuple(to_plain(message))


@pytest.mark.parametrize(
    ("message", "place", "wrong"),
    [
        (MESSAGES[0], 0, (0,)),
        (MESSAGES[0], 1, ALL_GROUPS + 1),
        (MESSAGES[0], 1, -1),
        (MESSAGES[2], 1, (1, 2, b"short")),
        (MESSAGES[2], 3, bytes(GROUP_BYTES - 1)),
        (MESSAGES[3], 1, (b"short", 1, b"")),
        (MESSAGES[3], 2, tuple(range(BUCKETS_MAX + 1))),
        (MESSAGES[3], 2, (-1,)),
        (MESSAGES[3], 3, "8"),
        (MESSAGES[3], 4, b"short"),
        (MESSAGES[5], 2, None),
        (MESSAGES[5], 4, ((1,),)),
        (MESSAGES[5], 5, None),
        (MESSAGES[5], 6, 5),
        (MESSAGES[5], 7, ((KEY, 1),)),
        (MESSAGES[5], 8, ((), ((1,), (2,), (7,), (0,)))),
        (MESSAGES[5], 8, ()),
        (MESSAGES[5], 9, -1),
        (MESSAGES[7], 3, b"short"),
        (MESSAGES[7], 4, ()),
        (MESSAGES[8], 2, None),
    ],
)
def test_a_message_with_a_wrong_part_is_a_fault(message: RowMessage, place: int, wrong: Any) -> None:
    number, plain = plain_of(message)
    with pytest.raises(PeerFault):
        wire.decode(frozen(number, (*plain[:place], wrong, *plain[place + 1 :])))


@given(st.sampled_from(MESSAGES), st.integers(0, 10), anything)
def test_one_hostile_part_is_a_message_or_a_fault(message: RowMessage, place: int, wrong: Any) -> None:
    number, plain = plain_of(message)
    with suppress(PeerFault):
        wire.decode(frozen(number, (*plain[:place], wrong, *plain[place + 1 :])))


@given(st.sampled_from(sorted(number for number, _, _ in ROW_MESSAGES.values())), anything)
def test_hostile_contents_are_a_message_or_a_fault(number: int, plain: Any) -> None:
    with suppress(PeerFault):
        wire.decode(frozen(number, plain))
