"""What is chosen for one screen and kept by it: language, contrast, when it locks."""

from dataclasses import dataclass
from typing import Final, Literal

from daemon.web.http import Request, Response
from daemon.web.i18n import LANGUAGES, Language

LANGUAGE_COOKIE: Final = "comptoir_language"
CONTRAST_COOKIE: Final = "comptoir_contrast"
LOCK_COOKIE: Final = "comptoir_lock"

LOCKS_S: Final = (0, 120, 300, 900)
"""After how many seconds without a touch a screen locks; 0: never by itself."""

_YEAR_S: Final = 31_536_000

Contrast = Literal["", "high"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScreenSettings:
    """How one screen is; `language` None: the place's own."""

    language: Language | None = None
    contrast: Contrast = ""
    lock_s: int = 0


def settings_of(request: Request) -> ScreenSettings:
    """What this screen has kept; anything else than what can be chosen counts as not chosen."""
    cookies = request.cookies
    language = next((one for one in LANGUAGES if one == cookies.get(LANGUAGE_COOKIE)), None)
    contrast: Contrast = "high" if cookies.get(CONTRAST_COOKIE) == "high" else ""
    lock_s = next((one for one in LOCKS_S if str(one) == cookies.get(LOCK_COOKIE)), 0)
    return ScreenSettings(language=language, contrast=contrast, lock_s=lock_s)


def keep_settings(response: Response, **chosen: str) -> None:
    """Leave what was chosen with the screen, by the names of the form."""
    names = {"lang": LANGUAGE_COOKIE, "contrast": CONTRAST_COOKIE, "lock": LOCK_COOKIE}
    for name, cookie in names.items():
        if name in chosen:
            response.set_cookie(cookie, chosen[name], samesite="Strict", path="/", max_age=_YEAR_S, httponly=True)
