"""What is owed and how somebody buys, in words."""

from daemon.desk.at_a_glance import Habits
from daemon.desk.on_account import OnAccountShown
from daemon.web.account_view import account_shown, habits_shown
from daemon.web.i18n import Words

FR = Words("fr")


def account(**facts: int | bool | str) -> OnAccountShown:
    plain = {
        "on_account": True,
        "number": "411",
        "maximum": 50_000,
        "owed": 18_240,
        "available": 31_760,
        "here": 31_760,
    }
    return OnAccountShown(**(plain | facts))  # type: ignore[arg-type]  # the names of the test


def test_an_account_says_what_is_owed_and_what_is_left() -> None:
    shown = account_shown(account(), FR)
    assert shown is not None
    assert (shown.owed, shown.maximum, shown.left, shown.here) == (
        "182,40\u00a0€",
        "500,00\u00a0€",
        "317,60\u00a0€",
        "",
    )
    assert (shown.part, shown.is_over) == (36, False)


def test_what_this_till_does_not_hold_is_said() -> None:
    shown = account_shown(account(here=5_000), FR)
    assert shown is not None
    assert shown.here == "50,00\u00a0€"


def test_who_owes_more_than_is_allowed_fills_the_meter() -> None:
    shown = account_shown(account(owed=60_000, available=-10_000, here=0), FR)
    assert shown is not None
    assert (shown.part, shown.is_over, shown.left) == (100, True, "0,00\u00a0€")


def test_where_head_office_has_set_no_maximum_none_is_said() -> None:
    shown = account_shown(account(owed=0, maximum=0, available=0, here=0), FR)
    assert shown is not None
    assert (shown.owed, shown.maximum) == ("0,00\u00a0€", "")


def test_who_has_no_account_and_owes_nothing_is_not_spoken_of() -> None:
    assert account_shown(account(on_account=False, owed=0), FR) is None
    assert account_shown(account(on_account=False, owed=1, maximum=0), FR) is not None


def test_who_never_bought_has_no_habits() -> None:
    assert habits_shown(None, FR, 0) is None


def test_the_last_purchase_stands_with_the_average() -> None:
    found = Habits(
        purchases=2,
        average=6_150,
        last_bought_at="2025-10-06T10:00:00Z",
        last_amount=7_300,
        since="2025-09-06T10:00:00Z",
    )
    shown = habits_shown(found, FR, 1_759_800_000_000)
    assert shown is not None
    assert (shown.last_amount, shown.average, shown.purchases) == ("73,00\u00a0€", "61,50\u00a0€", 2)
