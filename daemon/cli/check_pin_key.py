"""What the doctor says of the chain's PIN key: there, outside the database, and read by nobody else."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daemon.cli.check import Check, failed, ok, skipped, warning
from daemon.cli.check_machine import Examined
from daemon.cli.words import _, counted
from daemon.domain import pin
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.errors import ComptoirError
from daemon.head_office.founding import KEYS
from daemon.hub import chain_keys
from daemon.store import elements
from daemon.store.database import Connection
from daemon.sync import identity as enrolled

NAME: Final = "pin key"
_PIN: Final = CUSTOMER.number("pin")


def examine_pin_key(found: Examined) -> Iterator[Check]:
    """Whether the key is there, whole, and its file is its owner's alone."""
    path = _path(found)
    if path is None:
        return
    gesture = (
        _("enrol this till again")
        if found.role == "till"
        else _("restore it from the keys of a backup: comptoir hub restore")
    )
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes()
    except FileNotFoundError:
        yield failed(NAME, _("the PIN key {path} is not there").format(path=path), gesture)
        return
    except OSError as refused:
        yield skipped(NAME, f"{path}: {refused.strerror}", "sudo comptoir doctor")
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        said = _("the PIN key {path} may be read by others (mode {mode})").format(path=path, mode=f"{mode:04o}")
        yield failed(NAME, said, f"sudo chmod 600 {path}")
        return
    said = _("PIN key {id}, outside the database, read by its owner alone")
    yield ok(NAME, said.format(id=pin.key_id(key)))


def examine_pins(conn: Connection, found: Examined) -> Iterator[Check]:
    """PINs that this machine's key cannot be held against: after a restore without the keys."""
    path = _path(found)
    try:
        key = path.read_bytes() if path is not None else b""
    except OSError:
        return
    if not key:
        return
    foreign = sum(pin.is_foreign(sealed, pin_key=key) for sealed in _sealed(conn))
    if foreign:
        said = counted(
            "{n} PIN was sealed under another key and must be set anew",
            "{n} PINs were sealed under another key and must be set anew",
            foreign,
        )
        yield warning(NAME, said, _("restore it from the keys of a backup: comptoir hub restore"))


def _sealed(conn: Connection) -> Iterator[str]:
    """How PINs are sealed: of all customers and operators, without reading those who have none."""
    for kind, number in ((Kind.CUSTOMER, _PIN), (Kind.OPERATOR, 3)):
        rows = conn.execute(
            f"SELECT {elements.ROW} FROM element WHERE kind = ? AND instr(body, ?)", (int(kind), b"scrypt$")
        )
        for row in elements.shown(rows):
            sealed = row.fields.get(number)
            if isinstance(sealed, str):
                yield sealed


def _path(found: Examined) -> Path | None:
    """Where the key lies; None before the enrolment, which another check speaks of."""
    if found.role != "till":
        return found.state / KEYS / chain_keys.PIN_KEY
    try:
        return enrolled.pin_key_file(found.state)
    except ComptoirError:
        return None
