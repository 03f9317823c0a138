"""`comptoir devices add`: writes the configuration of a new device, after a look at what is plugged in and one card."""

import asyncio
import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final, get_type_hints

from daemon.cli.asking import asked, confirmed
from daemon.cli.device_finding import KEY, KINDS, Found, found_here
from daemon.cli.device_trial import read_one
from daemon.cli.devices import addresses, configured, what_is
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.place import config_path
from daemon.cli.words import _, sentence
from daemon.clock import SystemClock
from daemon.config import TillConfig, load_till
from daemon.drivers.catalogue import LANGUAGES, READERS, driver, kinds, language, printers
from daemon.drivers.framing import Frame
from daemon.drivers.input_device import open_input
from daemon.drivers.key_framing import KeyFramer
from daemon.drivers.key_layouts import SET_UP_CODE, LayoutName, layouts_typing
from daemon.durable_file import write_durably
from daemon.errors import DeviceFault, OperatorMistake
from daemon.printer_config import ADDRESSES, Display, Printer

OUTPUT_DRIVERS: Final = {
    **LANGUAGES,
    "ipp": "daemon.drivers.ipp_printer",
    "pdf": "daemon.drivers.folder_printer",
    "cd5220": "daemon.drivers.customer_display",
}
DISPLAY: Final = "cd5220"

_MODE: Final = 0o777
_IDLE_MS: Final = 300


def run(at: Invocation) -> int:
    """Write the section of one device; changes nothing that is there."""
    path = config_path(at.given, role="till")
    settings = _settings(at, path)
    kind = settings.pop("kind")
    role = role_of(kind)
    text = section(kind, settings, role)
    config = _checked(path, text)
    is_tried = role == "reader" and at.terminal.asks and not at.given.untried
    works = not is_tried or read_one(at, driver(kind).build(config.reader[-1].settings, SystemClock()))
    if not works and not confirmed(at.terminal, _("Write it down all the same?")):
        raise OperatorMistake("nothing was done: answer yes, or give --untried")
    _append(path, text)
    if at.terminal.as_json:
        at.terminal.answer({"device": settings["name"], "kind": kind, "config": str(path)})
    else:
        for line in text.strip().splitlines():
            at.terminal.say(line)
        said = _("Written to {path}. The till takes it at its next start: sudo systemctl restart comptoir-till")
        at.terminal.note(said.format(path=path), "green")
        if role != "reader":
            at.terminal.note(_("Then try it: comptoir devices try {name}").format(name=settings["name"]))
    return Exit.OK


def role_of(kind: str) -> str:
    """The table of the configuration that a kind stands in; raises OperatorMistake for one that nobody knows."""
    if kind == DISPLAY:
        return "display"
    if kind in kinds():
        return "reader"
    if kind in printers():
        return "printer"
    known = ", ".join(sorted((*kinds(), *printers(), DISPLAY)))
    raise OperatorMistake(f"kind: no driver is called {kind}; there are {known}", field="kind")


def section(kind: str, settings: Mapping[str, Any], role: str = "reader") -> str:
    """The text of a [[reader]], a [[printer]], a [[display]]."""
    lines = [f"{key} = {_toml(value)}" for key, value in settings.items()]
    return "\n".join(["", f"[[{role}]]", f'kind = "{kind}"', *lines, ""])


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def _settings(at: Invocation, path: Path) -> dict[str, Any]:
    """What was given by options, and what somebody answers."""
    devices = list(configured(path))
    found = _chosen(at, [one for one in found_here(addresses(devices)) if one.used_by is None and KINDS[one.what]])
    kind = at.given.kind or (KINDS[found.what][0] if found and len(KINDS[found.what]) == 1 else "")
    kind = kind or _kind(at, _possible(found))
    if role_of(kind) != "reader":
        return _output_settings(at, kind, found)
    shape = driver(kind).Config
    settings: dict[str, Any] = {"kind": kind, "name": at.given.name or _answered(at, _("Name"), "--name")}
    keys = {one.name for one in dataclasses.fields(shape)}
    if at.given.address:
        settings["reader" if "reader" in keys else "path"] = at.given.address
    elif found is not None:
        settings[KEY[found.what]] = found.address
    settings |= {key: _value(shape, key, text) for key, text in map(_pair, at.given.set)}
    if "layout" in keys and "layout" not in settings and at.terminal.asks and "path" in settings:
        settings["layout"] = _layout(at, Path(settings["path"]))
    return settings


def _output_settings(at: Invocation, kind: str, found: Found | None) -> dict[str, Any]:
    """The same of a printer or a display: where it is stands in one address, whatever way leads there."""
    shape: type[Any] = Display if kind == DISPLAY else Printer
    settings: dict[str, Any] = {"kind": kind, "name": at.given.name or _answered(at, _("Name"), "--name")}
    given = at.given.address or (found.address if found is not None else "")
    settings["address"] = _address(given or _answered(at, _("Address ({ways})").format(ways=ADDRESSES), "--address"))
    given_keys = dict(map(_pair, at.given.set))
    if kind not in OUTPUT_DRIVERS:
        settings |= _options(kind, given_keys)
    settings |= {key: _value(shape, key, text) for key, text in given_keys.items()}
    if kind == "escpos" and "width" not in settings and at.terminal.asks:
        settings["width"] = _value(
            shape, "width", asked(at.terminal, _("Width of its roll: 80 or 58 mm"), default="80")
        )
    return settings


def _options(kind: str, given: dict[str, str]) -> dict[str, Any]:
    """What a third party's language lets be set, taken out of what was given."""
    shape = language(kind).Config
    own = {one.name for one in dataclasses.fields(shape)} & given.keys()
    options = {key: _value(shape, key, given.pop(key)) for key in sorted(own)}
    return {"options": options} if options else {}


def _address(text: str) -> str:
    """A bare path of this machine is that of a USB printer, or of a serial port."""
    if not text.startswith("/"):
        return text
    return f"usb://{text}" if text.startswith("/dev/usb/") else f"serial://{text}"


def _chosen(at: Invocation, found: list[Found]) -> Found | None:
    """What is to be configured, where no option says it: the only one, or the one that somebody names by its number."""
    if at.given.address or not at.terminal.asks:
        return None
    if not found:
        raise OperatorMistake("nothing is plugged in that is not configured: plug the reader in, or give --address")
    for number, one in enumerate(found, start=1):
        at.terminal.note(f"{number:3}  {what_is(one.what)}  {one.address}")
    answer = asked(at.terminal, _("Which one"), default="1")
    if not answer.isdecimal() or not 1 <= int(answer) <= len(found):
        raise OperatorMistake(f"{answer} is none of the numbers shown")
    return found[int(answer) - 1]


def _possible(found: Found | None) -> list[str]:
    """The kinds that it may be: of a line, those of third parties too."""
    if found is None:
        return [*kinds(), *printers(), DISPLAY]
    others = [] if found.what == "usb-printer" else [kind for kind in kinds() if kind not in READERS]
    others += [kind for kind in printers() if kind not in OUTPUT_DRIVERS]
    return [*KINDS[found.what], *(others if found.what in {"serial", "usb-printer"} else ())]


def _kind(at: Invocation, possible: Sequence[str]) -> str:
    """What somebody answers, who is told on what each driver was tried."""
    for kind in possible if at.terminal.asks else ():
        try:
            at.terminal.note(_("  {kind}: tried on {rig}").format(kind=kind, rig=_rig(kind)), "dim")
        except OperatorMistake as broken:  # a package of others is no reason to add nothing
            at.terminal.note(sentence(str(broken)), "yellow")
    return _answered(at, _("Kind ({kinds})").format(kinds=", ".join(possible)), "--kind")


def _rig(kind: str) -> str:
    """On what a driver was tried, as it says itself."""
    if kind in OUTPUT_DRIVERS:
        return sentence(import_module(OUTPUT_DRIVERS[kind]).TRIED_ON)
    return sentence((driver(kind) if role_of(kind) == "reader" else language(kind)).TRIED_ON)


def _answered(at: Invocation, question: str, option: str) -> str:
    answer = asked(at.terminal, question) if at.terminal.asks else ""
    if not answer:
        raise OperatorMistake(f"{option} is needed where nobody answers questions")
    return answer


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise OperatorMistake(f"--set {text}: write KEY=VALUE")
    return key, value


def _value(shape: type[Any], key: str, text: str) -> Any:
    """The text of an option as the key's own type; what is not so written is refused when the whole is checked."""
    hint = get_type_hints(shape).get(key)
    if hint is bool and text in {"true", "false"}:
        return text == "true"
    if hint in {int, float}:
        with suppress(ValueError):
            return hint(text)
    if hint is not None and hint is not str and text.isdecimal():
        return int(text)
    return text.split(",") if "tuple" in str(hint) else text


def _checked(path: Path, text: str) -> TillConfig:
    """The configuration with a section; one with which the till would not start is refused, by the name of its key."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(path.read_text("utf-8") + text, "utf-8")
        return load_till(draft)
    except OSError as refused:
        raise OperatorMistake(f"{path} cannot be changed by you: run this as root (sudo)") from refused
    finally:
        with suppress(OSError):
            draft.unlink()


def _append(path: Path, text: str) -> None:
    """The old file or the new one, with the owner and the mode that it had."""
    before = path.stat()
    write_durably(path, (path.read_text("utf-8") + text).encode(), mode=before.st_mode & _MODE)
    with suppress(PermissionError):
        os.chown(path, before.st_uid, before.st_gid)


def _layout(at: Invocation, path: Path) -> LayoutName:
    """The layout that the scanner types in: found by a scan of a code that each layout types otherwise."""
    at.terminal.note(
        _("Scan the code {code} (Code 128 or Code 39; docs/az-019.png shows it).").format(code=SET_UP_CODE)
    )
    try:
        keys = asyncio.run(_keys(path, at.given.seconds))
    except DeviceFault as fault:
        raise OperatorMistake(sentence(str(fault))) from fault
    found = layouts_typing(keys)
    if not found:
        raise OperatorMistake(f"this is not {SET_UP_CODE} in any layout known here: give --set layout=us, fr or be")
    at.terminal.note(_("The scanner types as on a keyboard of layout {layout}.").format(layout=found[0]), "green")
    return found[0]


async def _keys(path: Path, seconds: int) -> bytes:
    """The keys of one scan; none when nothing comes in time."""
    framer, clock = KeyFramer(_IDLE_MS), SystemClock()
    try:
        async with asyncio.timeout(seconds), open_input(path) as line:
            while True:
                for item in framer.feed(await line.read(), int(clock.monotonic_s() * 1000)):
                    if isinstance(item, Frame):
                        return item.data
    except TimeoutError:
        return b""
