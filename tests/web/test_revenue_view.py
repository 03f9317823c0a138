"""Revenue as bars."""

from daemon.desk.revenue import MonthShown, Revenue
from daemon.web.i18n import Words
from daemon.web.revenue_view import HEIGHT, revenue_shown

FR = Words("fr")


def shown(*cents: int) -> Revenue:
    """The running month first."""
    months = tuple(MonthShown(month=f"2025-{12 - at:02}", revenue=one) for at, one in enumerate(cents))
    return Revenue(months=months, total=sum(cents), complete_until="")


def test_the_best_month_is_labelled_and_the_running_one_dark() -> None:
    found = revenue_shown(shown(7300, 0, 20400), FR, 0)
    assert found is not None
    october, november, december = found.bars
    assert (october.mark, october.label, october.height) == ("best", "204\u00a0€", HEIGHT)
    assert (november.mark, november.label, november.height) == ("", "", 2)
    assert (december.mark, december.label, december.initial) == ("now", "73\u00a0€", "D")
    assert december.told == "décembre 2025 : 73,00\u00a0€"
    assert found.total == "277\u00a0€"


def test_who_bought_nothing_has_no_bars_and_a_month_of_returns_none_below_the_line() -> None:
    assert revenue_shown(shown(0, 0), FR, 0) is None
    found = revenue_shown(shown(-500, 1000), FR, 0)
    assert found is not None
    assert found.bars[-1].height == 2
