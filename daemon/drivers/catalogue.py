"""Which module drives which kind of reader. Where a new driver goes.

A third party adds a kind by an entry point of the group `comptoir.drivers` that names its module (docs/drivers.md); the
module is imported only when the configuration asks for its kind.
"""

import importlib
from importlib.metadata import entry_points
from typing import Any, Final, Protocol, cast

from daemon.clock import Clock
from daemon.drivers.device import CONTRACT, AnyReader
from daemon.errors import OperatorMistake

GROUP: Final = "comptoir.drivers"

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


def kinds() -> list[str]:
    """Every kind that a configuration may name here."""
    return sorted({*READERS, *entry_points(group=GROUP).names})


def driver(kind: str) -> DriverModule:
    """The module for `kind`, imported now. Ours go first: an installed package never replaces one unasked.

    Raises OperatorMistake, with `field` "kind", for a kind that is unknown or whose module is broken.
    """
    name = READERS.get(kind) or _third_party(kind)
    try:
        module = importlib.import_module(name)
    except Exception as broken:  # a third party's module may raise anything while it is imported
        raise _mistake(f"the driver {kind} cannot be imported ({type(broken).__name__} in {name})") from broken
    lacking = [part for part in ("CONTRACT", "Config", "TRIED_ON", "build") if not hasattr(module, part)]
    if lacking:
        raise _mistake(f"the driver {kind} ({name}) does not define {', '.join(lacking)}")
    if module.CONTRACT != CONTRACT:
        raise _mistake(
            f"the driver {kind} ({name}) was written for contract {module.CONTRACT} of drivers, this Comptoir has "
            f"{CONTRACT}: the older of the two needs an update"
        )
    return cast(DriverModule, module)


def _third_party(kind: str) -> str:
    found = entry_points(group=GROUP, name=kind)
    if not found:
        raise _mistake(f"no driver is called {kind}; there are {', '.join(kinds())}")
    return next(iter(found)).module


def _mistake(sentence: str) -> OperatorMistake:
    return OperatorMistake(f"kind: {sentence}", field="kind")
