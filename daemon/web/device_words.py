"""What a person at the till is told of a device that does not work: what to do about it. Pure.

Drivers say in one sentence what is wrong, for who mends it and for the log; a shopkeeper wants the gesture. Drivers of
third parties say it in sentences of their own, which fall to the last line.
"""

import re
from collections.abc import Iterable
from typing import Final

from daemon.web.i18n import Words
from daemon.web.parts import DeviceShown

_GESTURES: Final = (
    # The first that fits. `at` is where the device stands, as its driver names it.
    (r"nothing is plugged in at (?P<at>.+)", "Plug it in: nothing is at %(at)s."),
    (r"no (?:input device calls itself|PC/SC reader is called) (?P<at>.+)", "Plug it in: nothing is at %(at)s."),
    (
        r"no printer answers at (?P<at>.+)",
        "Nothing answers at %(at)s: look at its cable, and whether it is switched on.",
    ),
    (r"(?P<at>.+) was unplugged", "It was unplugged: plug it in again."),
    (r"the PC/SC reader .+ failed .+", "It was unplugged: plug it in again."),
    (r"the driver ended its session", "It was unplugged: plug it in again."),
    (r"(?:the card in )?(?P<at>.+) is in use by another program", "Another program holds %(at)s: close it."),
    (r"(?P<at>.+) did not open within .+", "It does not start: unplug it, wait a moment, and plug it in again."),
    (
        r"nothing that answers like an? (?P<kind>\S+) is at (?P<at>[^;]+?)(?:;.*)?",
        "No %(kind)s answers at %(at)s: look at its cable and at its switches.",
    ),
    (r"what is at (?P<at>.+) is no (?P<kind>\S+)", "What is plugged in at %(at)s is no %(kind)s."),
    (
        r"(?P<at>.+) is not an? (?:serial port|input device|printer port)",
        "What is at %(at)s is another kind of device.",
    ),
    (r"no permission to open (?P<at>.+);.+", "This machine does not let Comptoir use %(at)s: call support."),
    (
        r"(?:pcscd|the library of PC/SC readers).+",
        "A program that card readers need is not installed or stands still: call support.",
    ),
    (r"\d+ PC/SC readers are called .+", "Several readers have its name: call support."),
    (r"the display .+ takes nothing", "It takes nothing: switch it off and on again."),
)
_SHAPES: Final = tuple((re.compile(shape, re.DOTALL), sentence) for shape, sentence in _GESTURES)
_ANY: Final = "Unplug it and plug it in again; if that does not help, call support."

_NEEDS_SOMEBODY: Final = frozenset({"absent", "error"})


def gesture_of(detail: str, words: Words) -> str:
    """What helps, for the sentence of a driver; empty where there is nothing to mend."""
    if not detail:
        return ""
    for shape, sentence in _SHAPES:
        found = shape.fullmatch(detail)
        if found:
            return words.text(sentence, **found.groupdict())
    return words.text(_ANY)


def faulty(devices: Iterable[DeviceShown], words: Words) -> str:
    """The readers that do not work, for the line that stands above every screen; empty where all do."""
    names = [one.device for one in devices if one.role == "reader" and one.state in _NEEDS_SOMEBODY]
    if not names:
        return ""
    if len(names) == 1:
        return words.text("%(device)s does not read", device=names[0])
    return words.counted("%(num)s reader does not read", "%(num)s readers do not read", len(names))


def messages() -> tuple[str, ...]:
    """Every message id that a device may show."""
    return (*dict.fromkeys(sentence for _, sentence in _GESTURES), _ANY)
