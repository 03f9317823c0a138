"""Rows in columns come back as they were; columns that do not fit together are refused."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Actor
from daemon.domain.element import Element
from daemon.domain.hlc import Stamp
from daemon.domain.kinds import Kind
from daemon.domain.merge import Loser
from daemon.errors import PeerFault
from daemon.sync.row_columns import (
    from_losers,
    from_row_columns,
    from_stamps,
    to_key,
    to_losers,
    to_row_columns,
    to_stamps,
)

ids = st.binary(min_size=8, max_size=8)
stamps: st.SearchStrategy[Stamp] = st.tuples(st.integers(0, 2**62), st.integers(0, 9), st.integers(0, 2**40))
numbers = st.integers(1, 40)
values = st.one_of(st.text(max_size=5), st.integers(-9, 9), st.booleans(), st.tuples(st.booleans(), st.none()))
elements = st.builds(
    Element,
    st.integers(1, 200),
    ids,
    st.one_of(st.just(b""), ids),
    stamps,
    st.dictionaries(numbers, values, max_size=3),
    st.dictionaries(numbers, stamps, max_size=3),
)
authors = st.tuples(
    stamps,
    st.builds(
        Actor, st.integers(0, 2), st.sampled_from(["", "op1"]), st.sampled_from(["", "seller"]), st.integers(0, 2)
    ),
)
losers = st.builds(
    Loser, st.tuples(ids, st.integers(1, 99), st.one_of(st.just(b""), ids)), numbers, values, stamps, stamps
)


def travelled(plain: Any) -> Any:
    return unpack(pack(plain))


@given(st.lists(elements, max_size=6).map(tuple))
def test_rows_come_back_as_they_were(rows: tuple[Element, ...]) -> None:
    back = from_row_columns(travelled(to_row_columns(rows)))
    assert back == rows
    assert [row.body() for row in back] == [row.body() for row in rows]


@given(st.lists(authors, max_size=6).map(tuple))
def test_who_gave_which_stamp_comes_back(given_by: tuple[tuple[Stamp, Actor], ...]) -> None:
    assert from_stamps(travelled(to_stamps(given_by))) == given_by


@given(st.lists(losers, max_size=6).map(tuple))
def test_losers_come_back(lost: tuple[Loser, ...]) -> None:
    assert from_losers(travelled(to_losers(lost))) == lost


def test_what_rows_repeat_stands_once() -> None:
    rows = tuple(Element(Kind.CUSTOMER, n.to_bytes(8, "big"), b"", (1000 + n, 2, 7), {8: "x"}) for n in range(50))
    kinds, origins, numbers_, times, raw, dots, _, stamped = to_row_columns(rows)
    assert (set(kinds), origins, set(numbers_), set(times[1:])) == ({1}, ((2, 7),), {0}, {1})
    assert (len(raw), set(dots), set(map(len, stamped))) == (50 * 8, {b""}, {0})


ROW = Element(Kind.TAG, b"anne....", b"dotdotdo", (5, 2, 7), {1: "vip"}, {1: (9, 3, 7)})
COLUMNS = to_row_columns((ROW, ROW))


@pytest.mark.parametrize(
    ("place", "column"),
    [
        (0, (4,)),
        (0, (4, -1)),
        (0, (4, 2**63)),
        (0, (4, True)),
        (1, ((2, 7),)),
        (1, ((2, 7), (3,))),
        (1, ((2, -7), (3, 7))),
        (1, 7),
        (2, (0, 9)),
        (2, (0, -1)),
        (2, (0, "0")),
        (3, (5,)),
        (3, (5, -9)),
        (3, (5, None)),
        (4, b"anne....anne"),
        (4, "anne....anne...."),
        (5, (b"dotdotdo", b"short")),
        (5, (b"dotdotdo", None)),
        (6, ({1: "vip"}, ("vip",))),
        (7, ({}, {1: (9, 9)})),
        (7, ({}, {1: (-99, 0)})),
        (7, ({}, None)),
        (7, ({},)),
    ],
)
def test_columns_that_do_not_fit_together_are_refused(place: int, column: Any) -> None:
    columns = [*COLUMNS]
    columns[place] = column
    with pytest.raises(PeerFault, match="portion"):
        from_row_columns(tuple(columns))


@pytest.mark.parametrize(
    "columns", [None, 5, (), COLUMNS[:7], (*COLUMNS, "more"), "text", ((), (), (), (), b"x", (), (), ())]
)
def test_what_is_no_columns_at_all_is_refused(columns: Any) -> None:
    with pytest.raises(PeerFault):
        from_row_columns(columns)


anything: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.binary(max_size=9), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple), st.dictionaries(st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.lists(anything, min_size=8, max_size=8))
def test_hostile_columns_are_rows_or_a_fault(columns: list[Any]) -> None:
    with suppress(PeerFault):
        assert isinstance(from_row_columns(tuple(columns)), tuple)


@given(st.integers(0, 7), anything)
def test_one_hostile_column_is_rows_or_a_fault(place: int, column: Any) -> None:
    columns = [*COLUMNS]
    columns[place] = column
    try:
        for row in from_row_columns(tuple(columns)):
            row.body()
    except PeerFault:
        pass


@pytest.mark.parametrize(
    "plain", [(b"", 0), (b"short", 1, b""), (b"anne....", 1, b"short"), (b"anne....", -1, b""), ("anne....", 1, b"")]
)
def test_what_is_no_key_is_none(plain: Any) -> None:
    with pytest.raises(ValueError, match=r"key|number|unpack"):
        to_key(plain)


@pytest.mark.parametrize("who", [("x", "", "", 0), (1, 5, "", 0), (1, "", "x" * 501, 0), (1, "", "", -1)])
def test_what_is_no_actor_is_refused(who: Any) -> None:
    with pytest.raises(ValueError, match="not a"):
        from_stamps(((who,), ((1,), (2,), (7,), (0,))))
