"""What a customer owes and may still buy on account, and how they buy: as a record shows it. Pure."""

from dataclasses import dataclass
from typing import Final

from daemon.desk import instant
from daemon.desk.at_a_glance import Habits
from daemon.desk.on_account import OnAccountShown
from daemon.web.i18n import Words

METER: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountShown:
    """An account in words; `part`: what is owed of the maximum, in hundredths. `here` is empty where it is all.

    `maximum` is empty where head office has set none yet.
    """

    number: str
    owed: str
    maximum: str
    left: str
    here: str
    part: int
    is_over: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class HabitsShown:
    """How somebody buys, in words."""

    last: str
    last_amount: str
    purchases: int
    average: str


def account_shown(found: OnAccountShown, words: Words) -> AccountShown | None:
    """The account of who has one, or still owes something."""
    if not (found.on_account or found.owed):
        return None
    part = METER * found.owed // found.maximum if found.maximum > 0 else METER * bool(found.owed)
    return AccountShown(
        number=found.number,
        owed=words.euros(found.owed),
        maximum=words.euros(found.maximum) if found.maximum > 0 else "",
        left=words.euros(max(found.available, 0)),
        here=words.euros(found.here) if found.here < found.available else "",
        part=max(0, min(METER, part)),
        is_over=found.owed > found.maximum,
    )


def habits_shown(found: Habits | None, words: Words, now_ms: int) -> HabitsShown | None:
    """The last visit and the average basket; None of who never bought."""
    if found is None:
        return None
    last_ms = instant.parse(found.last_bought_at, field="last_bought_at")
    return HabitsShown(
        last=words.day(last_ms, now_ms),
        last_amount=words.euros(found.last_amount),
        purchases=found.purchases,
        average=words.euros(found.average) if found.average else "",
    )
