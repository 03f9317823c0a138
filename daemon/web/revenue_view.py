"""Revenue by month as bars: the running month dark, the best one labelled. Pure; lengths in units of the drawing."""

from dataclasses import dataclass
from typing import Final

from daemon.desk.revenue import Revenue
from daemon.web.i18n import Words

SHOWN: Final = 12
STEP: Final = 40
"""From one month to the next."""

HEIGHT: Final = 112
_BAR: Final = 25
_LEAST: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthBar:
    """One month; `label` over the bar is empty unless it has something to say."""

    x: int
    y: int
    height: int
    middle: int
    initial: str
    told: str
    label: str
    mark: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RevenueShown:
    """Some months of a customer, `width` wide; `complete_ms` 0: it was never proved up to when."""

    bars: tuple[MonthBar, ...]
    width: int
    total: str
    complete_ms: int
    waiting: int


def revenue_shown(found: Revenue, words: Words, complete_ms: int, count: int = SHOWN) -> RevenueShown | None:
    """The last months, oldest first; None where nothing was bought in them."""
    months = tuple(reversed(found.months[:count]))
    most = max((one.revenue for one in months), default=0)
    if most <= 0:
        return None
    best = max(range(len(months)), key=lambda at: months[at].revenue)
    bars = []
    for at, one in enumerate(months):
        height = max(_LEAST, one.revenue * HEIGHT // most)
        is_now, name = at == len(months) - 1, words.month(one.month)
        bars.append(
            MonthBar(
                x=at * STEP + (STEP - _BAR) // 2,
                y=HEIGHT - height + 18,
                height=height,
                middle=at * STEP + STEP // 2,
                initial=name[:1].upper(),
                told=f"{name} : {words.euros(one.revenue)}",
                label=words.whole_euros(one.revenue) if at == best or (is_now and one.revenue) else "",
                mark="now" if is_now else "best" if at == best else "",
            )
        )
    total = words.whole_euros(sum(one.revenue for one in months))
    return RevenueShown(
        bars=tuple(bars), width=STEP * len(months), total=total, complete_ms=complete_ms, waiting=found.waiting
    )
