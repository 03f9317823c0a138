"""States that something outside a record brings about: a cut line, a wrong clock, a refused card, a person who may."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from daemon.desk.print_room import HEALTH_S
from daemon.domain.clock_doubt import ClockDoubt
from daemon.domain.print_job import Hold, JobState
from daemon.web.parts import DeviceShown
from tests.browser.stage import OFFLINE, Bring, Stage, page

LOST_CARD: Final = "2900077777"
ARTICLE: Final = "3760001000016"
DAY_MS: Final = 86_400_000
READER: Final = DeviceShown(
    device="douchette", state="up", detail="", last_read_at="2025-10-09T08:51:00Z", bad_frames=2, reconnects=1
)
GONE: Final = DeviceShown(
    device="badges",
    state="absent",
    detail="nothing is plugged in at /dev/serial/by-id/usb-reader",
    last_read_at=None,
    bad_frames=0,
    reconnects=0,
)


async def _search_offline(stage: Stage) -> None:
    stage.around.link = OFFLINE
    await stage.go("/clients?q=kerouedan", "search")


async def _search_unanswered(stage: Stage) -> None:
    stage.around.answers = False
    await stage.go("/clients?q=kervella&siege=1", "search")


async def _clock_wrong(stage: Stage) -> None:
    stage.around.doubt = ClockDoubt(kind="behind", ms=11_100_000)
    await stage.go("", "ready")


async def _unconfirmed(stage: Stage) -> None:
    stage.around.link, stage.around.doubt = OFFLINE, ClockDoubt(kind="unconfirmed", ms=3 * DAY_MS)
    await stage.go(f"/clients/{stage.ids['sophie']}", "record")


async def _status_offline(stage: Stage) -> None:
    stage.around.link, stage.around.doubt = OFFLINE, ClockDoubt(kind="behind", ms=11_100_000)
    await stage.go("/etat", "condition")


async def _status_devices(stage: Stage) -> None:
    stage.around.devices = (READER, GONE)
    await stage.go("/etat", "condition")


async def _no_printer(stage: Stage) -> None:
    stage.screen.prints.holds["counter"] = Hold.ABSENT
    stage.screen.counter.clock.at_ms += int(HEALTH_S * 1000)
    await stage.go(f"/clients/{stage.ids['sophie']}/badge", "badge")


async def _did_it_come_out(stage: Stage) -> None:
    stage.screen.prints.fate = JobState.UNKNOWN
    await stage.go(f"/clients/{stage.ids['bare']}", "record")
    await stage.screen.page.keyboard.press("F6")
    await stage.sees(".job--unknown")
    stage.screen.prints.fate = JobState.QUEUED
    stage.screen.prints.asked.clear()


async def _printed_before(stage: Stage) -> None:
    stage.screen.prints.fate = JobState.PRINTED
    for _ in range(2):
        await stage.go(f"/clients/{stage.ids['sophie']}", "record")
        await stage.screen.page.keyboard.press("F6")
        await stage.sees(".job--printed, body[data-screen~=badge]")
    await stage.screen.shows("badge")
    stage.screen.prints.fate = JobState.QUEUED
    stage.screen.prints.asked.clear()


async def _reader_tried(stage: Stage) -> None:
    stage.around.devices = (READER, GONE)
    await stage.go("/etat?lecteur=douchette", "condition")


async def _line_lost(stage: Stage) -> None:
    at = "2025-10-09T06:05:00Z"
    stage.around.link = replace(OFFLINE, last_error="the broker closed the line", last_error_at=at)
    await stage.go("/etat", "condition")
    await stage.screen.page.click("summary")


async def _refused_card(stage: Stage) -> None:
    await stage.go("", "ready")
    await stage.screen.scan(LOST_CARD)
    await stage.sees(".notice--blocked")


async def _article(stage: Stage) -> None:
    await stage.go("/etat", "condition")
    await stage.screen.scan(ARTICLE)
    await stage.sees(".notice--product")


async def _company(stage: Stage) -> None:
    await stage.go("/clients/nouveau", "edit")
    await stage.screen.page.check("[name=kind]")
    await stage.sees("#f-siret")


async def _elsewhere(stage: Stage) -> None:
    """Another till changed what is typed here, and it is saved all the same."""
    await stage.go(f"/clients/{stage.ids['bare']}/modifier", "edit")
    await stage.type(city="Rezé")
    await stage.screen.page.evaluate("document.querySelector('[name=version]').value = 'older'")
    await stage.screen.page.click(".act .btn--primary")
    await stage.sees("#fault-t")


async def _nothing_found(stage: Stage) -> None:
    await stage.go("/clients/00000000000000aa", "problem")


async def _gone(stage: Stage) -> None:
    """The daemon does not answer: as the page shows it."""
    await stage.go("", "ready")
    await stage.screen.page.evaluate("document.querySelector('#lost').showModal()")


async def _logged_out(stage: Stage) -> None:
    await stage.go("", "ready")
    await stage.screen.page.keyboard.press("F9")
    await stage.screen.shows("log_in")
    await stage.screen.page.wait_for_selector("[data-live]")


async def _wrong_pin(stage: Stage) -> None:
    await stage.screen.page.get_by_text("Nolwenn", exact=True).click()
    for digit in "1111":
        await stage.screen.page.click(f'[data-pad="{digit}"]')
    await stage.screen.page.click("#login .btn--primary")
    await stage.sees("[aria-invalid]")


MORE: Final[Mapping[str, Bring]] = {
    "search, offline": _search_offline,
    "search, head office": page("/clients?q=soph&siege=1", "search"),
    "search, head office silent": _search_unanswered,
    "ready, clock wrong": _clock_wrong,
    "record, time not confirmed": _unconfirmed,
    "till status, offline": _status_offline,
    "till status, devices": _status_devices,
    "badge, no printer": _no_printer,
    "badge, printed before": _printed_before,
    "till status, reader tried": _reader_tried,
    "till status, line lost": _line_lost,
    "record, did the badge come out": _did_it_come_out,
    "ready, refused card": _refused_card,
    "till status, article scanned": _article,
    "create, company": _company,
    "edit, changed elsewhere": _elsewhere,
    "block, card": page("/clients/{sophie}/cartes/{card}/bloquer", "block"),
    "block, card to be replaced": page("/clients/{sophie}/cartes/{card}/remplacer", "block"),
    "history, purchases": page("/clients/{sophie}/historique?quoi=achats", "history"),
    "problem": _nothing_found,
    "daemon gone": _gone,
}

LAST: Final[Mapping[str, Bring]] = {
    "alert, blocked, who may unblock": page("/clients/{blocked}", "record"),
    "edit, who may block": page("/clients/{sophie}/modifier", "edit"),
    "block, customer": page("/clients/{sophie}/bloquer", "block"),
    "log-in, locked": _logged_out,
    "log-in, wrong code": _wrong_pin,
}
"""Of a manager, who then locks the screen."""
