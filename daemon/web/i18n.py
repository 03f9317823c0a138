"""Words, numbers and dates of the screens in French and English, by the standard library alone.

Message ids are the English sentences; each `locale/*/LC_MESSAGES/web.po` is compiled into the `.mo` beside it, which is
what runs. French spacing: U+202F within numbers, U+00A0 before a unit.
"""

import gettext
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Final, Literal

from daemon.domain.author import system_user

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")
LOCALE: Final = Path(__file__).parent / "locale"

_BRIEF_MONTHS: Final = {
    "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
_MONTHS: Final = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_GROUP: Final = {"fr": "\u202f", "en": ","}
_DECIMAL: Final = {"fr": ",", "en": "."}
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


class Words:
    """One language in one time zone (None: that of the machine). Moments are milliseconds since 1970 UTC."""

    def __init__(self, language: Language, zone: tzinfo | None = None) -> None:
        self.language = language
        self._zone = zone
        self._catalogue = _catalogue(language)

    def text(self, sentence: str, /, **values: object) -> str:
        """A sentence in this language, its `%(name)s` filled in."""
        found = self._catalogue.gettext(sentence)
        return found % values if values else found

    def counted(self, one: str, several: str, number: int, /, **values: object) -> str:
        """A sentence about so many things, `%(num)s` being how many; French counts 0 as one."""
        return self._catalogue.ngettext(one, several, number) % {"num": self.number(number), **values}

    def author(self, author: str) -> str:
        """Who stands beside something, by the name that the desk gave: `Léa`, `système : root`."""
        user = system_user(author)
        return self.text("system: %(user)s", user=user) if user else author

    def number(self, value: int) -> str:
        """`48 213`, `48,213`."""
        return f"{value:,}".replace(",", _GROUP[self.language])

    def share(self, part: float) -> str:
        """`43 %`, `43%`: never more than there is."""
        space = "\u00a0" if self.language == "fr" else ""
        return f"{int(part * 100)}{space}%"

    def euros(self, cents: int) -> str:
        """`1 240,50 €`, `€1,240.50`."""
        sign, whole, rest = "-" if cents < 0 else "", abs(cents) // 100, abs(cents) % 100
        amount = f"{self.number(whole)}{_DECIMAL[self.language]}{rest:02}"
        return f"{sign}{amount}\u00a0€" if self.language == "fr" else f"{sign}€{amount}"

    def whole_euros(self, cents: int) -> str:
        """`1 241 €`, `€1,241`: where cents would only be noise."""
        whole = self.number((abs(cents) + 50) // 100)
        sign = "-" if cents <= -50 else ""
        return f"{sign}{whole}\u00a0€" if self.language == "fr" else f"{sign}€{whole}"

    def rate(self, hundredths: int) -> str:
        """Hundredths of a percent: `10 %`, `2,5 %`, `10%`."""
        whole, rest = divmod(hundredths, 100)
        text = f"{whole}{_DECIMAL[self.language]}{rest:02}".rstrip("0") if rest else str(whole)
        return f"{text}\u00a0%" if self.language == "fr" else f"{text}%"

    def size(self, size_bytes: int) -> str:
        """Room on a disk: `12 Go`, `850 Mo`."""
        unit, letter = (10**9, "G") if size_bytes >= 10**9 else (10**6, "M")
        return f"{self.number(size_bytes // unit)}\u00a0{letter}{'o' if self.language == 'fr' else 'B'}"

    def month(self, text: str) -> str:
        """`2026-11` as it is said: `novembre 2026`."""
        return f"{_MONTHS[self.language][int(text[-2:]) - 1]} {text[:4]}"

    def clock(self, ms: int) -> str:
        """`14:05`."""
        return self._local(ms).strftime("%H:%M")

    def day(self, ms: int, now_ms: int) -> str:
        """`2 juin`, `2 June`, with its year when it is not this one."""
        then = self._local(ms)
        year = "" if then.year == self._local(now_ms).year else f" {then.year}"
        return f"{self._day_of_month(then.day)} {_MONTHS[self.language][then.month - 1]}{year}"

    def brief_day(self, ms: int, now_ms: int) -> str:
        """`12 nov.`, `12 Nov`: where a column is narrow."""
        then = self._local(ms)
        year = "" if then.year == self._local(now_ms).year else f" {then.year}"
        return f"{self._day_of_month(then.day)} {_BRIEF_MONTHS[self.language][then.month - 1]}{year}"

    def moment(self, ms: int, now_ms: int) -> str:
        """`14:05`, `hier 18:12`, `2 juin 18:12`."""
        days = (self._local(now_ms).date() - self._local(ms).date()).days
        if days == 0:
            return self.clock(ms)
        if days == 1:
            return self.text("yesterday %(clock)s", clock=self.clock(ms))
        return f"{self.day(ms, now_ms)} {self.clock(ms)}"

    def ago(self, ms: int, now_ms: int) -> str:
        """`à l'instant`, `il y a 6 h 18`; a moment to come counts as now."""
        seconds = (now_ms - ms) // 1000
        if seconds < _MINUTE_S:
            return self.text("just now")
        return self.text("%(duration)s ago", duration=self.duration(seconds))

    def duration(self, seconds: int) -> str:
        """`45 s`, `1 min 20`, `6 h 18`, `3 j`."""
        if seconds < _MINUTE_S:
            return f"{seconds}\u00a0s"
        if seconds < _HOUR_S:
            return f"{seconds // _MINUTE_S}\u00a0min"
        if seconds < _DAY_S:
            return f"{seconds // _HOUR_S}\u00a0h\u00a0{seconds // _MINUTE_S % 60:02}"
        return self.text("%(days)s d", days=self.number(seconds // _DAY_S))

    def date(self, text: str) -> str:
        """A birthday as it is stored, `1984-03-05` or `--03-05`, as it is said: `5 mars 1984`."""
        year, month, day = text[:-6], text[-5:-3], text[-2:]
        shown = f"{self._day_of_month(int(day))} {_MONTHS[self.language][int(month) - 1]}"
        return f"{shown} {year}" if year.strip("-") else shown

    def _day_of_month(self, day: int) -> str:
        return "1er" if day == 1 and self.language == "fr" else str(day)

    def _local(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone)


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation("web", LOCALE, languages=[language])
