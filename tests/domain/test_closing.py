"""Which sales leave the chain, and what stands in the months instead."""

from daemon.domain.canonical import pack
from daemon.domain.change import Verb
from daemon.domain.closing import AT_ONCE, MONTHS_KEPT, Bound, decide_closing
from daemon.domain.element import Element
from daemon.domain.kinds import Kind
from daemon.domain.ledger import MONTHS
from daemon.domain.sale import MONTH, ORIGINAL, SOLD, TOTAL

ACCOUNT = b"account!"
BOUND = Bound(kept=2, most=3)


def head(at: int, month: int = 202611, total: int = 100) -> Element:
    fields = {MONTH: month, TOTAL: total, SOLD: at}
    return Element(Kind.SALE, ACCOUNT, at.to_bytes(8, "big"), (at, 2, 7), fields)


def months(*told: tuple[int, int]) -> Element:
    return Element(Kind.MONTH, ACCOUNT, b"", (1, 1, 1), {MONTHS: told})


def test_nothing_is_closed_until_there_are_more_than_most() -> None:
    few = [head(at) for at in (1, 2, 3)]
    assert decide_closing(ACCOUNT, standing=few, sold={202611: 300}, row=None, bound=BOUND) == []


def test_the_oldest_go_and_their_months_say_what_no_sale_says_any_more() -> None:
    standing = [head(4), head(1, 202609), head(3, 202610, -50), head(2, 202609, 30)]
    sold = {202609: 130, 202610: -50, 202611: 100}
    *gone, said = decide_closing(ACCOUNT, standing=standing, sold=sold, row=None, bound=BOUND)
    assert [(one.kind, one.verb, one.dot[-1]) for one in gone] == [
        (Kind.SALE, Verb.REMOVE, 1),
        (Kind.SALE, Verb.REMOVE, 2),
    ]
    assert (said.kind, said.entity, said.verb, said.fields) == (
        Kind.MONTH,
        ACCOUNT,
        Verb.CREATE,
        {MONTHS: ((202609, 130),)},
    )


def test_a_sale_leaves_with_what_came_back_of_it_and_both_stay_while_that_is_recent() -> None:
    old, other, late = head(1), head(2), head(3)
    back = head(9)
    back.fields[ORIGINAL] = old.dot
    *gone, _ = decide_closing(ACCOUNT, standing=[old, other, late, back], sold={}, row=None, bound=BOUND)
    assert [one.dot[-1] for one in gone] == [2, 3]
    early = head(0)
    early.fields[ORIGINAL] = late.dot
    *gone, _ = decide_closing(ACCOUNT, standing=[old, other, late, early], sold={}, row=None, bound=BOUND)
    assert [one.dot[-1] for one in gone] == [1, 2], "a clock was wrong: a return is never gone before its sale"


def test_what_is_heard_late_of_a_month_that_was_closed_is_written_into_it() -> None:
    row = months((202609, 130))
    (said,) = decide_closing(ACCOUNT, standing=[head(9)], sold={202609: 180, 202611: 100}, row=row, bound=BOUND)
    assert (said.verb, said.fields) == (Verb.SET, {MONTHS: ((202609, 180),)})
    assert decide_closing(ACCOUNT, standing=[head(9)], sold={202609: 130, 202611: 100}, row=row, bound=BOUND) == []


def test_two_years_of_months_are_kept_and_so_many_sales_go_at_once_as_one_record_holds() -> None:
    standing = [head(at, 202601 + at % 12) for at in range(200)]
    sold = {year * 100 + month: 7 for year in (2022, 2023, 2024, 2025) for month in range(1, 13)}
    *gone, said = decide_closing(ACCOUNT, standing=standing, sold=sold, row=None, bound=BOUND)
    assert len(gone) == AT_ONCE
    told = said.fields[MONTHS]
    assert len(told) == MONTHS_KEPT
    assert told[-1][0] >= told[0][0] > 202400
    assert len(pack(told)) < 400
