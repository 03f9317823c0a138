"""`comptoir devices`: what is configured, what the machine shows, and what the running till says of it."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from daemon.cli import moments
from daemon.cli.device_finding import Found, What, found_here
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.place import config_path
from daemon.cli.terminal import Cell, Column, Style
from daemon.cli.words import _, sentence
from daemon.domain.print_job import GESTURES, Hold
from daemon.errors import ComptoirError, NotRunning, OperatorMistake


@dataclass(frozen=True, kw_only=True, slots=True)
class Configured:
    """A configured device; `present` is None for one that has no path of this machine."""

    name: str
    role: str
    kind: str
    address: str
    present: bool | None
    state: str | None = None
    detail: str | None = None
    last_read_at: str | None = None


def run(at: Invocation) -> int:
    """List devices and what else is plugged in; ends with 1 when a configured one is missing or does not work."""
    path = config_path(at.given, role="till")
    health = _health(at)
    devices = [_with_health(device, health) for device in configured(path)]
    found = found_here(addresses(devices))
    if at.terminal.as_json:
        at.terminal.answer({"devices": [asdict(device) for device in devices], "found": [asdict(one) for one in found]})
    else:
        _show(at, devices, found)
    return Exit.FAILED if any(is_wrong(device) for device in devices) else Exit.OK


def configured(path: Path) -> Iterator[Configured]:
    """The readers, printers and displays of a configuration; raises OperatorMistake."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise OperatorMistake(f"{path} cannot be read: {wrong}") from wrong
    for table in tables.get("reader", []):
        path_, other = str(table.get("path", "")), str(table.get("reader", "") or table.get("uniq", ""))
        yield Configured(
            name=str(table.get("name", "")),
            role="reader",
            kind=str(table.get("kind", "")),
            address=path_ or other,
            present=Path(path_).exists() if path_ else None,
        )
    for role, usual in (("printer", "escpos"), ("display", "cd5220")):
        for table in tables.get(role, []):
            address = str(table.get("address", ""))
            yield Configured(
                name=str(table.get("name", "")),
                role=role,
                kind=str(table.get("kind", usual)),
                address=address,
                present=_is_here(address),
            )


def _is_here(address: str) -> bool | None:
    """Whether what an address names is plugged in at this machine; None where no path says so."""
    scheme, _sign, path = address.partition("://")
    return Path(path).exists() if scheme in {"serial", "usb"} else None


def addresses(devices: Iterable[Configured]) -> dict[str, str]:
    """The device of the configuration that has each address."""
    return {device.address.removeprefix("serial://").removeprefix("usb://"): device.name for device in devices}


def is_wrong(device: Configured) -> bool:
    """Whether a device needs somebody."""
    return device.present is False or device.state in {"absent", "error", "held"}


def _health(at: Invocation) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """What the running till says of its devices, by role and name; nothing when it does not run."""
    try:
        with at.daemon("till") as daemon:
            return {(device.get("role", "reader"), device["device"]): device for device in daemon.get("/devices")}
    except NotRunning:
        at.terminal.note(_("The till does not run: what follows is the machine's view alone."), "yellow")
    except ComptoirError:
        pass  # an older till, or nobody that it trusts: the machine's view is still worth something
    return {}


def _with_health(device: Configured, health: Mapping[tuple[str, str], Mapping[str, Any]]) -> Configured:
    said = health.get((device.role, device.name))
    if said is None:
        return device
    return Configured(
        name=device.name,
        role=device.role,
        kind=device.kind,
        address=device.address,
        present=device.present,
        state=said.get("state"),
        detail=said.get("detail") or None,
        last_read_at=said.get("last_read_at") or said.get("last_used_at"),
    )


def _show(at: Invocation, devices: list[Configured], found: list[Found]) -> None:
    if devices:
        columns = (
            Column(title=_("Name"), keep=5),
            Column(title=_("Device"), keep=2),
            Column(title=_("Where"), keep=1),
            Column(title=_("State"), keep=4),
            Column(title=_("Last used"), keep=3),
        )
        at.terminal.table(columns, [_row(device) for device in devices])
        _explain(at, [device for device in devices if device.detail])
    else:
        at.terminal.note(_("No reader and no printer is configured."), "yellow")
    free = [one for one in found if one.used_by is None]
    if free:
        at.terminal.say()
        titles = (
            Column(title=_("Not configured"), keep=3),
            Column(title=_("Where"), keep=1),
            Column(title=_("Name that stays"), keep=2),
        )
        at.terminal.table(titles, [[what_is(one.what), one.path, _stable(one)] for one in free])
        at.terminal.note(_("To use one: comptoir devices add. To try one: comptoir devices try NAME."), "dim")


def what_is(what: What) -> str:
    """What was found, in a word."""
    words: dict[What, str] = {
        "serial": _("serial port"),
        "keyboard": _("keyboard or scanner"),
        "pcsc": _("PC/SC reader"),
        "usb-printer": _("USB printer"),
    }
    return words[what]


def _stable(found: Found) -> str | Cell:
    if found.stable is None:
        return Cell(text=_("none: udev gives it no name"), style="dim")
    return found.stable if found.stable != found.path else ""


def _row(device: Configured) -> list[str | Cell]:
    kinds = {"reader": _("reader"), "printer": _("printer"), "display": _("display")}
    text, style = _state(device)
    return [
        device.name,
        f"{kinds[device.role]} {device.kind}",
        device.address,
        Cell(text=text, style=style),
        moments.moment(device.last_read_at),
    ]


def _explain(at: Invocation, troubled: Iterable[Configured]) -> None:
    """What is wrong in whole sentences, below the table: in a column of it they would be cut, or push out the names."""
    for number, device in enumerate(troubled):
        if not number:
            at.terminal.say()
        at.terminal.say(
            _("{name}: {told}").format(name=device.name, told=gesture(device.detail or "")), _state(device)[1]
        )


def gesture(detail: str) -> str:
    """What helps, in the language spoken."""
    words = {
        Hold.PAPER_OUT: _("Put in a new roll and close the cover: printing goes on by itself."),
        Hold.COVER_OPEN: _("Close the cover of the printer: printing goes on by itself."),
        Hold.RIBBON_OUT: _("Put in a new ribbon and close the cover: printing goes on by itself."),
        Hold.PAUSED: _("Press the pause button of the printer: printing goes on by itself."),
        Hold.ABSENT: _("Switch the printer on and check its cable: printing goes on by itself."),
        Hold.SILENT: _("The printer does not answer: switch it off and on again."),
        Hold.FAULT: _("The printer reports a fault: open it, free the cutter, switch it off and on again."),
    }
    return {GESTURES[hold]: word for hold, word in words.items()}.get(detail) or sentence(detail)


def _state(device: Configured) -> tuple[str, Style | None]:
    words: dict[str, tuple[str, Style]] = {
        "up": (_("works"), "green"),
        "connecting": (_("connecting"), "yellow"),
        "absent": (_("not plugged in"), "red"),
        "error": (_("does not work"), "red"),
        "held": (_("waits for a gesture"), "yellow"),
    }
    if device.state in words:
        return words[device.state]
    if device.present is None:
        return "—", "dim"
    return (_("plugged in"), "green") if device.present else (_("not plugged in"), "red")
