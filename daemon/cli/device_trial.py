"""`comptoir devices try`: shows that a device works. A reader reads one card, a printer prints its test page."""

import asyncio
from collections.abc import Iterator
from typing import Any

from daemon.cli.caller import Caller
from daemon.cli.devices import Configured, configured, gesture
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.place import config_path
from daemon.cli.words import _, sentence
from daemon.clock import SystemClock
from daemon.config import load_till
from daemon.domain.code import ScannedCode
from daemon.drivers.catalogue import driver
from daemon.drivers.device import AnyReader, CardRead, Emit, ReaderEvent, ReadRefused, ReadRepeated, Refusal
from daemon.errors import DeviceFault, NotFound, NotRunning

LOOK_S = 0.25
_UNDER_WAY = frozenset({"queued", "held", "sending", "sent"})
_DAMAGE = frozenset({Refusal.CONTROL_BYTE, Refusal.CHECK_DIGIT, Refusal.CHECKSUM, Refusal.UNREADABLE})


def run(at: Invocation) -> int:
    """Try the devices that are named, or all; ends with 1 when one of them does not work."""
    path = config_path(at.given, role="till")
    wanted = list(_wanted(list(configured(path)), at.given.name))
    results = [_try(at, device) for device in wanted]
    if at.terminal.as_json:
        told = [{"device": device.name, "works": works} for device, works in zip(wanted, results, strict=True)]
        at.terminal.answer({"tried": told})
    elif not wanted:
        at.terminal.note(_("No reader and no printer is configured."), "yellow")
    return Exit.OK if all(results) else Exit.FAILED


def _wanted(devices: list[Configured], names: list[str]) -> Iterator[Configured]:
    for name in names:
        if name not in {device.name for device in devices}:
            raise NotFound(f"no device is called {name}; there are {', '.join(device.name for device in devices)}")
    yield from (device for device in devices if not names or device.name in names)


def _try(at: Invocation, device: Configured) -> bool:
    try:
        with at.daemon("till") as till:
            known = _readers(till)
            if device.role == "printer":
                return _print(at, device, till)
            if device.role == "display":
                return _light(at, device, till)
            if device.name not in known:
                return _tell(at, device.name, False, _("the till does not know it yet: start the till again."))
            return _watch(at, device, till, known[device.name])
    except NotRunning:
        if device.role != "reader":
            at.terminal.note(_("{name}: the till must run to try it.").format(name=device.name), "yellow")
            return False
        return _read_here(at, device)


def _print(at: Invocation, device: Configured, till: Caller) -> bool:
    """Ask for the test page, and say what becomes of it: a shop that waits for paper wants to know why none comes."""
    job = till.post("/print-jobs", {"kind": "test_page", "printer": device.name})
    clock = SystemClock()
    end_s = clock.monotonic_s() + at.given.seconds
    while job["state"] in _UNDER_WAY and clock.monotonic_s() < end_s:
        asyncio.run(clock.sleep(LOOK_S))
        job = next(one for one in till.get("/print-jobs") if one["id"] == job["id"])
        if job["state"] == "held":
            break
    in_the_way = job["gesture"] or (_told_of(till, device) if job["state"] == "queued" else "")
    return _tell(at, device.name, job["state"] == "printed", _fate(job, in_the_way))


def _told_of(till: Caller, device: Configured) -> str:
    """What is wrong with a printer; a page that waits behind another one does not say it itself."""
    said = (one for one in till.get("/devices") if (one["device"], one.get("role")) == (device.name, device.role))
    return next((str(one["detail"]) for one in said if one["state"] != "up"), "")


def _fate(job: dict[str, Any], in_the_way: str) -> str:
    if job["state"] == "printed":
        return _("the test page came out. Letters with accents, € and the barcode must be right.")
    if in_the_way:
        return gesture(in_the_way)
    if job["cause"] == "unprintable":
        return _("its driver can make no test page: the log of the till says why (journalctl -u comptoir-till).")
    if job["state"] == "cancelled":
        return _("the test page was given up and is not printed.")
    if job["state"] in _UNDER_WAY:
        return _("the test page is on its way, and not out yet.")
    return _("nobody knows whether the test page came out: look at the paper.")


def _light(at: Invocation, device: Configured, till: Caller) -> bool:
    shown = till.post("/customer-display", {"what": "welcome", "display": device.name})
    if not shown["is_shown"]:
        return _tell(at, device.name, False, sentence(shown["detail"]))
    told = _("the display was sent {upper}: it answers nothing, so look at it.").format(upper=shown["upper"])
    return _tell(at, device.name, True, told)


def _readers(till: Caller) -> dict[str, dict[str, Any]]:
    """The readers as the till sees them, by name."""
    return {one["device"]: one for one in till.get("/devices") if one.get("role", "reader") == "reader"}


def _watch(at: Invocation, device: Configured, till: Caller, before: dict[str, Any]) -> bool:
    """The running till has the device: watch its figures while somebody shows a card."""
    if before["state"] != "up":
        return _tell(at, device.name, False, sentence(before["detail"]) or _("does not work"))
    _ask_for_card(at, device.name)
    for now in _looks(at, device, till):
        if now["last_read_at"] != before["last_read_at"] or now["suppressed"] != before["suppressed"]:
            return _tell(at, device.name, True, _("a card was read; the till has looked it up."))
        if now["bad_frames"] != before["bad_frames"]:
            return _tell(at, device.name, False, _("something was read badly: try again."))
    return _tell(at, device.name, False, _("nothing was read."))


def _looks(at: Invocation, device: Configured, till: Caller) -> Iterator[dict[str, Any]]:
    clock = SystemClock()
    end_s = clock.monotonic_s() + at.given.seconds
    while clock.monotonic_s() < end_s:
        asyncio.run(clock.sleep(LOOK_S))
        yield _readers(till)[device.name]


def _read_here(at: Invocation, device: Configured) -> bool:
    """Nobody has the device: read one card with its driver."""
    config = load_till(config_path(at.given, role="till"))
    one = next(reader for reader in config.reader if reader.name == device.name)
    return read_one(at, driver(one.kind).build(one.settings, SystemClock()))


def read_one(at: Invocation, reader: AnyReader) -> bool:
    """Open the reader, ask for a card, and say what came; whether it works."""
    try:
        event = asyncio.run(_first(at, reader))
    except DeviceFault as fault:
        return _tell(at, reader.device, False, sentence(str(fault)))
    match event:
        case None:
            return _tell(at, reader.device, False, _("nothing was read."))
        case CardRead(code=code):
            return _tell(at, reader.device, True, _read(code))
        case ReadRefused(reason=reason):
            return _tell(at, reader.device, reason not in _DAMAGE, _refused(reason))
        case ReadRepeated():
            return _tell(at, reader.device, True, _("a card was read."))


async def _first(at: Invocation, reader: AnyReader) -> ReaderEvent | None:
    """The first thing that is read; None when nothing is in time."""
    try:
        async with asyncio.timeout(at.given.seconds), reader.open() as transport:
            _ask_for_card(at, reader.device)
            return await _first_of_session(reader, transport)
    except TimeoutError:
        return None


async def _first_of_session(reader: AnyReader, transport: Any) -> ReaderEvent:
    came: list[ReaderEvent] = []
    something = asyncio.Event()

    def emit(event: ReaderEvent) -> None:
        if isinstance(event, ReadRefused) and event.reason is Refusal.CUT:
            return  # somebody was quicker than the opening: they will try again
        came.append(event)
        something.set()

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(_until_it_ends(reader, transport, emit), name=reader.device)
        heard = tasks.create_task(something.wait(), name="first card")
        await asyncio.wait((running, heard), return_when=asyncio.FIRST_COMPLETED)
        fault = running.result() if running.done() else None
        running.cancel()
        heard.cancel()
    if came:
        return came[0]
    raise fault or DeviceFault("the driver ended its session")


async def _until_it_ends(reader: AnyReader, transport: Any, emit: Emit) -> DeviceFault | None:
    try:
        await reader.run(transport, emit)
    except DeviceFault as fault:
        return fault
    return None


def _ask_for_card(at: Invocation, name: str) -> None:
    said = _("{name}: show it a card or a barcode ({seconds} s).")
    at.terminal.note(said.format(name=name, seconds=at.given.seconds))


def _tell(at: Invocation, name: str, works: bool, told: str) -> bool:
    at.terminal.note(_("{name}: {told}").format(name=name, told=told), "green" if works else "red")
    return works


def _read(code: ScannedCode) -> str:
    """The end of a number is enough to know a card by, and no card number."""
    kind = f" ({code.symbology})" if code.symbology else ""
    said = _("read{kind}: {count} characters, at the end {end}.")
    return said.format(kind=kind, count=len(code.text), end=code.text[-3:])


def _refused(reason: Refusal) -> str:
    words = {
        Refusal.PAYMENT_CARD: _("it works. A payment card is refused, and nothing of it was kept."),
        Refusal.RANDOM_NUMBER: _("it works. This card has another number at every tap: it cannot be linked."),
        Refusal.NO_NUMBER: _("it works. This card has no number here: is the right track or number configured?"),
        Refusal.NO_PREFIX: _("it works. The configured prefix is missing: set the scanner, or take the prefix out."),
        Refusal.NOT_TEXT: _("what was read is no text: is the speed, or the layout of the keyboard, right?"),
    }
    return words.get(reason) or _("read badly ({reason}): try again.").format(reason=reason.value)
