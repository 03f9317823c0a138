"""Sales, pure: ids that name their till, lines that come back as they went, returns that never add up to more."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain import sale
from daemon.domain.element import Element
from daemon.domain.kinds import SHOP_NUMBER, Kind
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.sale import Returned, SaleHead, SoldLine, TakenBack
from daemon.errors import Conflicting, NotFound, OperatorMistake

HEAD = SaleHead(
    id=b"saleidsa", account=b"account!", kind="sale", total=300, month=202611, sold_ms=5, shop=7, ticket="T", lines=2
)
LINES = (
    SoldLine(product="A1", label="Stylo", quantity_milli=3000, amount=100, vat=2000, rule="own"),
    SoldLine(label="gravure", amount=200, reason="geste", original=0),
)


def stored(head: SaleHead, lines: tuple[SoldLine, ...]) -> list[Element]:
    """What the entries hold, as a replica keeps them."""
    operations = sale.decide_sale(head, lines)
    return [Element(one.kind, one.entity, one.dot, (1, 2, 3), dict(one.fields)) for one in operations]


def test_an_id_names_its_till_and_a_cancellation_follows_from_the_sale() -> None:
    id_ = sale.new_sale_id(513, b"randomly")
    assert (sale.site_of_sale(id_), len(id_), id_[3:]) == (513, 8, b"rando")
    assert sale.cancellation_id(id_) == sale.cancellation_id(id_) != sale.cancellation_id(b"another!")


def test_head_and_lines_come_back_from_two_entries_under_one_id() -> None:
    head, lines = stored(HEAD, LINES)
    assert (head.kind, lines.kind) == (Kind.SALE, Kind.SALE_LINES)
    assert head.key[::2] == lines.key[::2] == (b"account!", b"saleidsa")
    assert sale.head_of(head) == HEAD
    assert sale.lines_of(lines) == LINES
    assert lines.fields[SHOP_NUMBER] == 7
    assert sale.copy_of(lines) == HEAD, "its shop keeps it when the chain does not"
    bare = stored(replace(HEAD, total=5), ())
    assert (sale.lines_of(bare[1]), sale.copy_of(bare[1])) == ((), replace(HEAD, total=5)), "a total alone has no lines"


def test_what_a_newer_or_hostile_version_wrote_is_read_without_harm() -> None:
    odd = Element(Kind.SALE, b"account!", b"saleidsa", (1, 2, 3), {1: "gift", 2: 1 << 80, 3: "x", 10: b"short"})
    assert sale.head_of(odd) == SaleHead(
        id=b"saleidsa", account=b"account!", kind="sale", total=0, month=0, sold_ms=0, shop=0
    )
    rows = Element(
        Kind.SALE_LINES, b"account!", b"saleidsa", (1, 2, 3), {1: ((), "x", (1, 2, "y", None, 0, "z", 0, 0, 0, "o"))}
    )
    assert sale.lines_of(rows) == (SoldLine(amount=0, quantity_milli=0),) * 2
    assert sale.lines_of(Element(Kind.SALE_LINES, b"account!", b"saleidsa", (1, 2, 3), {1: 5})) == ()


@pytest.mark.parametrize(
    ("head", "lines", "field"),
    [
        (replace(HEAD, total=AMOUNT_MAX + 1), (), "total"),
        (replace(HEAD, total=301), LINES, "total"),
        (replace(HEAD, total=401), (SoldLine(label="x", amount=1),) * 401, "lines"),
        (replace(HEAD, total=1), (SoldLine(label="x", amount=1, quantity_milli=0),), "lines[0]"),
        (replace(HEAD, total=1), (SoldLine(amount=1),), "lines[0]"),
    ],
)
def test_a_sale_that_makes_no_sense_is_refused(head: SaleHead, lines: tuple[SoldLine, ...], field: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        sale.decide_sale(head, lines)
    assert refused.value.field == field


def test_what_comes_back_of_a_line_is_its_share_and_the_last_piece_takes_the_rest() -> None:
    (first,) = sale.return_lines(LINES, [TakenBack(line=0)], Returned())
    assert (first.amount, first.quantity_milli, first.original) == (-33, -1000, 0)
    rest = sale.return_lines(LINES, [TakenBack(line=0), TakenBack(line=0)], Returned(of_line={0: (1000, 33)}))
    assert [one.amount for one in rest] == [-67]


@pytest.mark.parametrize(
    ("back", "returned", "error"),
    [
        (TakenBack(line=2), Returned(), NotFound),
        (TakenBack(line=-1), Returned(), NotFound),
        (TakenBack(line=0, quantity_milli=0), Returned(), OperatorMistake),
        (TakenBack(line=0, quantity_milli=3001), Returned(), Conflicting),
        (TakenBack(line=0), Returned(of_line={0: (2001, 67)}), Conflicting),
        (TakenBack(line=0), Returned(cancelled=True), Conflicting),
    ],
)
def test_never_more_comes_back_than_was_sold(back: TakenBack, returned: Returned, error: type[Exception]) -> None:
    with pytest.raises(error):
        sale.return_lines(LINES, [back], returned)


def test_returns_and_a_cancellation_add_up() -> None:
    back = sale.return_lines(LINES, [TakenBack(line=0)], Returned())
    first = (replace(HEAD, kind="return", total=-33, original=HEAD.id), back)
    bare = (replace(HEAD, kind="return", total=-10, original=HEAD.id), (SoldLine(label="x", amount=-10),))
    returned = sale.returned_of([first, bare])
    assert (returned.total, returned.of_line, returned.cancelled) == (43, {0: (1000, 33)}, False)
    assert sale.left_to_return(HEAD, returned) == 257
    assert sum(one.amount for one in sale.cancelled_lines(LINES, returned)) == -267
    cancelled = sale.returned_of([(replace(HEAD, kind="cancellation", total=-300), ())])
    assert (cancelled.cancelled, sale.left_to_return(HEAD, cancelled)) == (True, 0)


@given(st.integers(-(10**6), 10**6), st.integers(1, 20_000), st.data())
def test_however_a_line_comes_back_piece_by_piece_it_comes_to_what_was_paid(
    amount: int, quantity: int, data: st.DataObject
) -> None:
    line = SoldLine(label="x", amount=amount, quantity_milli=quantity)
    gone, paid = 0, 0
    while gone < quantity:
        piece = data.draw(st.integers(1, quantity - gone))
        (back,) = sale.return_lines(
            [line], [TakenBack(line=0, quantity_milli=piece)], Returned(of_line={0: (gone, paid)})
        )
        gone, paid = gone + piece, paid - back.amount
    assert paid == amount
    assert sale.cancelled_lines([line], Returned(of_line={0: (gone, paid)})) == ()
