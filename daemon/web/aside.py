"""What the pages keep in mind between two requests.

A notice above the screen, a word that can be undone, which alerts were put off, who was served last: in memory only,
because it may speak of persons, and bounded; a restart forgets it and nothing is lost: the card is tapped again.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

T = TypeVar("T")

SESSIONS_MAX: Final = 64
NOTICE_MS: Final = 5 * 60_000

POSTPONED_MS: Final = 30 * 60_000
"""An alert that was put off before there was a sale comes back after so long."""

SERVED_MAX: Final = 5

FORMS: Final = ("edit", "addnote", "addwish", "addprice", "ownterms", "addticket", "deposit", "closing")
"""The forms that are never left without asking, by their id in the page."""

NoticeKind = Literal["unknown", "blocked", "refused", "product", "choose", "held", "problem"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A bar above the screen, until it is answered.

    unknown: `code` can be linked or begin a new customer. choose: `customers` share the card. blocked, problem:
    `sentence` says why, `details` what support asks for. held: a changed `form` stands in the way of `onward` (of the
    customer, where one was scanned).
    `at`: the only page that it is about; empty: whatever is shown.
    """

    kind: NoticeKind
    customers: tuple[str, ...] = ()
    code: str = field(default="", repr=False)
    sentence: str = ""
    details: str = ""
    since: str = ""
    """Since when a blocked card is."""
    onward: str = ""
    form: str = "edit"
    at: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """A sentence at the foot of the screen for some seconds; `undo` is the address that takes it back.

    `customer` goes with it, where somebody is to be chosen again.
    """

    sentence: str = field(repr=False)
    undo: str = ""
    customer: str = ""


class Asides:
    """Notices and words of the sessions that are at work."""

    def __init__(self) -> None:
        self._notices: OrderedDict[str, tuple[Notice, int]] = OrderedDict()
        self._words: OrderedDict[str, Word] = OrderedDict()
        self._postponed: OrderedDict[str, tuple[str, int]] = OrderedDict()
        self._served: OrderedDict[str, None] = OrderedDict()

    def notice(self, session: str, now_ms: int) -> Notice | None:
        """The notice of a session while it holds."""
        notice, until_ms = self._notices.get(session, (None, 0))
        return notice if until_ms > now_ms else None

    def put(self, session: str, notice: Notice | None, now_ms: int = 0) -> None:
        """Show this notice in place of the last one; None takes it away."""
        self._notices.pop(session, None)
        if notice is not None:
            _keep(self._notices, session, (notice, now_ms + NOTICE_MS))

    def say(self, session: str, word: Word) -> None:
        """Have the next page say this."""
        _keep(self._words, session, word)

    def take_word(self, session: str) -> Word | None:
        """What the next page says; once."""
        return self._words.pop(session, None)

    def postpone(self, customer: str, visit: str, now_ms: int) -> None:
        """Tell no more of this customer's alerts during this visit; without one, for a while."""
        _keep(self._postponed, customer, (visit, now_ms + POSTPONED_MS))

    def is_postponed(self, customer: str, visit: str, now_ms: int) -> bool:
        """Whether the alerts of a customer were put off for this visit, or a moment ago before there was one."""
        during, until_ms = self._postponed.get(customer, ("", 0))
        return until_ms > now_ms and during in {"", visit}

    def serve(self, customer: str, visit: str, now_ms: int) -> None:
        """Remember who is served at this till: the visit is the one for which alerts were put off."""
        _keep(self._served, customer, None, SERVED_MAX)
        if self.is_postponed(customer, visit, now_ms):
            self.postpone(customer, visit, now_ms)

    def served(self) -> tuple[str, ...]:
        """Who was served last at this till, the last one first."""
        return tuple(reversed(self._served))


def _keep(kept: OrderedDict[str, T], key: str, value: T, most: int = SESSIONS_MAX) -> None:
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)
