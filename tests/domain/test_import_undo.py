"""Taking a line back, where nothing newer stands: pure."""

from dataclasses import replace
from typing import Any

from daemon.domain.change import Verb
from daemon.domain.element import Element
from daemon.domain.import_line import NUMBER
from daemon.domain.import_undo import Standing, Wrote, read_wrote, undo
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.domain.opening import taken_back

ANNE, ACCOUNT, FACT, CARD = b"anne0001", b"account1", b"fact0001", b"card0001"
THEN, LATER = (500, 2, 7), (900, 3, 7)


def row(stamps: dict[str, tuple[int, int, int]] | None = None, **fields: Any) -> Element:
    by_number = {NUMBER(name): stamp for name, stamp in (stamps or {}).items()}
    return Element(Kind.CUSTOMER, ANNE, b"", THEN, {NUMBER(name): v for name, v in fields.items()}, by_number)


CREATED = Wrote(
    created=True, stamp=THEN, before={2: None}, members=((int(Kind.CARD), CARD),), entries=((ACCOUNT, FACT),)
)
ENTRY = Element(Kind.ENTRY, ACCOUNT, FACT, THEN, {1: BOOK_POINTS, 2: 40, 3: "opening"})
HERE = Standing(
    here=[row(name=("A", "B")), Element(Kind.CARD, ANNE, CARD, THEN, {1: "291"})],
    entries=[ENTRY],
    sums={(ACCOUNT, BOOK_POINTS): 40},
)


def test_what_was_written_is_kept_and_read_back() -> None:
    assert read_wrote(CREATED.packed()) == CREATED


def test_a_created_customer_goes_with_cards_and_points() -> None:
    found = undo(CREATED, HERE)
    assert found.outcome == "undone"
    assert [(one.kind, one.verb) for one in found.operations] == [
        (Kind.CUSTOMER, Verb.SET),
        (Kind.CARD, Verb.REMOVE),
        (Kind.ENTRY, Verb.ADD),
    ]
    assert (found.operations[2].fields[2], found.operations[2].dot) == (-40, taken_back(FACT))


def test_what_was_spent_is_refused_and_nothing_of_it_is_touched() -> None:
    found = undo(CREATED, replace(HERE, sums={(ACCOUNT, BOOK_POINTS): 39}))
    assert (found.outcome, found.operations) == ("refused", [])


def test_who_was_changed_served_or_given_something_since_stays() -> None:
    card = Element(Kind.CARD, ANNE, b"card0002", LATER, {1: "292"})
    changed = [row({"name": LATER}, name=("A", "C")), HERE.here[1]]
    for now in (
        replace(HERE, has_history=True),
        replace(HERE, here=changed),
        replace(HERE, here=[*HERE.here, card]),
    ):
        found = undo(CREATED, now)
        assert (found.outcome, found.operations) == ("kept", [])


def test_a_completed_customer_gets_back_what_was_replaced_unless_it_was_changed_since() -> None:
    wrote = Wrote(created=False, stamp=LATER, before={NUMBER("mobile"): "+331", NUMBER("email"): None})
    here = [row({"mobile": LATER, "email": (950, 3, 7)}, mobile="+332", email="x@y.fr")]
    found = undo(wrote, Standing(here=here))
    assert found.outcome == "undone"
    assert found.operations[0].fields == {NUMBER("mobile"): "+331"}
    assert found.sentence == "what was changed since the import stays"


def test_of_one_who_was_erased_nothing_is_left_to_take_back() -> None:
    assert undo(CREATED, Standing(here=[])).operations == []
