"""Points, credit notes and coupons as price labels."""

from typing import Any

import pytest

from daemon.desk.coupons import CouponShown
from daemon.desk.credit_notes import CreditNoteShown
from daemon.desk.purse_shown import Chosen, LoyaltyShown, PurseShown
from daemon.web.benefits_listed import coupon_rows, note_rows
from daemon.web.benefits_view import benefits_of, usable_lines
from daemon.web.i18n import Words

FR = Words("fr")


def purse(**facts: Any) -> PurseShown:
    plain: dict[str, Any] = {"balance": 0, "here": 0, "chosen": 0, "why": "all_here", "mode": "refuse"}
    return PurseShown(**(plain | {"beyond": 0, "at_risk": 0, "due": 0} | facts))


def coupon(**facts: Any) -> CouponShown:
    plain: dict[str, Any] = {"id": "c" * 16, "code": "B1", "label": "Bon", "amount": 500, "percent": None, "minimum": 0}
    return CouponShown(**(plain | {"until": "2025-12-31", "days_left": 90, "state": "usable", "rule": ""} | facts))


def note(**facts: Any) -> CreditNoteShown:
    plain: dict[str, Any] = {"code": "A1", "amount": 2390, "remainder": 2390, "here": 2390, "origin": "", "sale": ""}
    shown = {"issued_at": "2025-09-14T10:00:00Z", "until": None, "state": "open", "customer": ""}
    return CreditNoteShown(**(plain | shown | facts))


def has(*coupons: CouponShown, **points: Any) -> LoyaltyShown:
    return LoyaltyShown(customer="", points=purse(**points), coupons=coupons)


def test_each_thing_that_can_be_used_is_a_label_and_euros_are_added() -> None:
    found = benefits_of(has(coupon(), balance=1240, here=1240), Chosen(), FR, [note()])
    assert [(one.what, one.value) for one in found.labels] == [
        ("points", "1\u202f240"), ("note", "23,90\u00a0€"), ("coupon", "5,00\u00a0€"),
    ]  # fmt: skip
    assert found.total == "28,90\u00a0€"
    assert usable_lines(found)[0] == "1\u202f240 points"


def test_a_percentage_is_no_sum() -> None:
    found = benefits_of(has(coupon(amount=None, percent=1500, days_left=3)), Chosen(), FR)
    assert (found.labels[0].value, found.labels[0].under, found.total) == ("−15\u00a0%", "finit dans 3 jours", "")


def test_a_part_that_is_chosen_is_said_and_can_be_given_back() -> None:
    found = benefits_of(has(balance=10, here=10), Chosen(), FR, [note(here=1390)], {"A1": 1000})
    label = found.label("note", "A1")
    assert label is not None
    assert (label.is_chosen, label.under, label.most) == (True, "10,00\u00a0€ choisis", 2390)


def test_what_others_hold_is_told_and_can_be_asked_for() -> None:
    found = benefits_of(
        has(coupon(state="elsewhere"), balance=900, here=0, why="elsewhere"), Chosen(), FR, [note(here=0)]
    )
    assert found.labels == ()
    assert [(one.why, one.ask) for one in found.others] == [
        ("held by another till", "avoir/A1"), ("held by another till", "c" * 16),
    ]  # fmt: skip
    assert (found.points, found.why) == (900, "The rest is held by other tills: ask for it while connected.")


def test_points_that_end_soon_say_so() -> None:
    found = benefits_of(has(balance=900, here=900, expiring=40), Chosen(), FR)
    assert found.labels[0].under == "40 expirent bientôt"


@pytest.mark.parametrize(
    ("facts", "under"),
    [
        ({"minimum": 5000}, "dès 50\u00a0€"),
        ({"until": None, "days_left": None}, "sans échéance"),
        ({"until": "2027-12-31", "days_left": 800}, "jusqu’au 31 décembre 2027"),
    ],
)
def test_a_coupon_says_its_own_limit(facts: dict[str, Any], under: str) -> None:
    assert benefits_of(has(coupon(**facts)), Chosen(), FR).labels[0].under == under


def test_all_of_them_are_listed_with_how_they_stand() -> None:
    rows = coupon_rows([coupon(), coupon(state="used"), coupon(state="elsewhere")], FR)
    assert [(row.chip, row.kind) for row in rows] == [
        ("utilisable ici", "ok"), ("utilisé", ""), ("détenu par une autre caisse", "amber"),
    ]  # fmt: skip
    (left, gone) = note_rows([note(remainder=1000), note(state="used", remainder=0, here=0)], FR)
    assert (left.value, left.about) == ("10,00\u00a0€", "émis le 14 septembre 2025 · sur 23,90\u00a0€")
    assert (gone.value, gone.chip) == ("0,00\u00a0€", "utilisé")


def test_what_can_be_spent_here_of_a_whole_is_told_beside_it() -> None:
    found = benefits_of(has(balance=900, here=300), Chosen(), FR, [note(here=2000)])
    assert [(one.value, one.whole) for one in found.labels] == [("300", "900"), ("20,00\u00a0€", "23,90\u00a0€")]
    assert [one.whole for one in benefits_of(has(balance=9, here=9), Chosen(), FR, [note()]).labels] == ["", ""]
