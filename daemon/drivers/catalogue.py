"""Which module drives which kind of reader, and which speaks to which kind of printer. Where a new driver goes.

A third party adds a kind by an entry point of the group `comptoir.drivers` (readers) or `comptoir.printers` (printer
languages) that names its module (docs/drivers.md); it is imported only when the configuration asks for its kind.
"""

import dataclasses
import importlib
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, Final, Protocol, TypeVar, cast

from daemon.clock import Clock
from daemon.drivers import device, printer_language
from daemon.drivers.device import AnyReader
from daemon.drivers.printer_language import Language
from daemon.errors import ComptoirError, OperatorMistake
from daemon.typed import convert

T = TypeVar("T")

GROUP: Final = "comptoir.drivers"
PRINTER_GROUP: Final = "comptoir.printers"

READERS: Final = {
    "serial-scanner": "daemon.drivers.serial_reader",
    "keyboard-scanner": "daemon.drivers.keyboard_scanner",
    "rdm6300": "daemon.drivers.rdm6300",
    "wiegand": "daemon.drivers.wiegand_reader",
    "msr605": "daemon.drivers.msr605",
    "pn532": "daemon.drivers.pn532",
    "pcsc": "daemon.drivers.pcsc_reader",
    "simulated": "daemon.drivers.simulated_reader",
}


LANGUAGES: Final = {"escpos": "daemon.drivers.escpos", "zpl": "daemon.drivers.zpl"}
WITHOUT_A_LINE: Final = ("ipp", "pdf")
"""Printers that are handed pages: no language is spoken to them."""


class DriverModule(Protocol):
    """What a driver's module defines."""

    CONTRACT: int
    """The version of `daemon.drivers.device` that it was written for, as a number of its own."""
    Config: type[Any]
    """The keys of its section in the configuration, as a frozen dataclass; it has `name`."""
    TRIED_ON: str
    """The rig or the model that it was tried on."""

    def build(self, config: Any, clock: Clock) -> AnyReader:
        """The reader that `config` describes; opens nothing."""
        ...


class LanguageModule(Protocol):
    """What the module of a printer language defines."""

    CONTRACT: int
    """The version of `daemon.drivers.printer_language` that it was written for, as a number of its own."""
    Config: type[Any]
    """What can be set, as a frozen dataclass: the `options` of its section in the configuration."""
    TRIED_ON: str
    """The rig or the model that it was tried on."""

    def language(self, config: Any) -> Language:
        """The language of a printer that is set so."""
        ...


def kinds() -> list[str]:
    """Every kind of reader that a configuration may name here."""
    return sorted({*READERS, *entry_points(group=GROUP).names})


def printers() -> list[str]:
    """Every kind of printer that a configuration may name here."""
    return sorted({*LANGUAGES, *WITHOUT_A_LINE, *entry_points(group=PRINTER_GROUP).names})


def driver(kind: str) -> DriverModule:
    """The module for a `kind` of reader, imported now. Ours go first: an installed package never replaces one unasked.

    Raises OperatorMistake, with `field` "kind", for a kind that is unknown or whose module is broken.
    """
    module = _module(kind, READERS.get(kind) or _third_party(kind, GROUP, kinds()))
    return cast(DriverModule, _checked(kind, module, "build", device.CONTRACT))


def language(kind: str) -> LanguageModule:
    """The module for a `kind` of printer that is spoken to on a line of its own, as `driver` is for readers."""
    module = _module(kind, LANGUAGES.get(kind) or _third_party(kind, PRINTER_GROUP, printers()))
    return cast(LanguageModule, _checked(kind, module, "language", printer_language.CONTRACT))


def built(kind: str, settings: Any, clock: Clock) -> AnyReader:
    """A reader that is set so; raises OperatorMistake, with `field` "kind", where its module fails at it."""
    return _set_up(kind, lambda: driver(kind).build(settings, clock))


def spoken(kind: str, options: Mapping[str, Any]) -> Language:
    """The language of a printer that is set so, as `built` is for readers."""
    module = language(kind)
    return _set_up(kind, lambda: module.language(convert(dict(options), module.Config)))


def _set_up(kind: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except ComptoirError:
        raise
    except Exception as bug:  # a third party's module may raise anything
        raise _mistake(f"the driver {kind} cannot be set up ({type(bug).__name__})") from bug


def _third_party(kind: str, group: str, known: list[str]) -> str:
    found = entry_points(group=group, name=kind)
    if not found:
        raise _mistake(f"no driver is called {kind}; there are {', '.join(known)}")
    return next(iter(found)).module


def _module(kind: str, name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as broken:  # a third party's module may raise anything while it is imported
        raise _mistake(f"the driver {kind} cannot be imported ({type(broken).__name__} in {name})") from broken


def _checked(kind: str, module: ModuleType, maker: str, contract: int) -> ModuleType:
    """The module, if it defines what it must, for the contract that is kept here."""
    name = module.__name__
    lacking = [part for part in ("CONTRACT", "Config", "TRIED_ON", maker) if not hasattr(module, part)]
    if lacking:
        raise _mistake(f"the driver {kind} ({name}) does not define {', '.join(lacking)}")
    if not (isinstance(module.Config, type) and dataclasses.is_dataclass(module.Config)):
        raise _mistake(f"the driver {kind} ({name}) does not define Config as a dataclass")
    if contract != module.CONTRACT:
        raise _mistake(
            f"the driver {kind} ({name}) was written for contract {module.CONTRACT} of drivers, this Comptoir has "
            f"{contract}: the older of the two needs an update"
        )
    return module


def _mistake(sentence: str) -> OperatorMistake:
    return OperatorMistake(f"kind: {sentence}", field="kind")
