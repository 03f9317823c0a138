"""What the doctor looks at on the machine: configuration, rights of files, SQLite, disk, clock, devices."""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from daemon.certificates import PLAUSIBLE_MS
from daemon.cli import moments
from daemon.cli.check import Check, failed, ok, skipped, warning
from daemon.cli.devices import configured
from daemon.cli.owner import name_of
from daemon.cli.place import Role
from daemon.cli.words import _, counted, figure, sentence
from daemon.clock import kernel_is_synchronised
from daemon.config import HubConfig, TillConfig, load_hub, load_till, read_store_key
from daemon.domain.disk_room import FREE_BYTES_MIN, is_low
from daemon.errors import ComptoirError
from daemon.store import ballast
from daemon.store.database import may_read_beside, sqlite_version


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """The machine's daemon as its configuration describes it."""

    role: Role
    path: Path
    config: TillConfig | HubConfig
    state: Path
    key: bytes | None = None


def examine_config(role: Role, path: Path) -> tuple[Check, Examined | None]:
    """Read the configuration whole, drivers included."""
    try:
        config: TillConfig | HubConfig = load_till(path) if role == "till" else load_hub(path)
        key = read_store_key(config.store)
    except ComptoirError as wrong:
        return failed("config", sentence(str(wrong)), _("edit {path}").format(path=path)), None
    section = config.till if isinstance(config, TillConfig) else config.hub
    state = Path(section.state_directory)
    found = Examined(role=role, path=path, config=config, state=state, key=key.reveal() if key else None)
    return ok("config", _("configuration {path}").format(path=path)), found


def examine_machine(found: Examined, now_ms: int) -> Iterator[Check]:
    """The rest of the machine."""
    yield _rights(found)
    yield _sqlite(found)
    yield _disk(found.state)
    yield from _ballast(found.state)
    yield _clock(now_ms)
    yield from _devices(found)


def _rights(found: Examined) -> Check:
    """Nobody else may read what is there, and all of it belongs to the daemon's user."""
    name = "permissions"
    if not found.state.is_dir():
        gesture = "comptoir till enrol" if found.role == "till" else "comptoir hub init"
        return failed(name, _("the state directory {path} is not there").format(path=found.state), gesture)
    if found.path.stat().st_mode & stat.S_IROTH:
        said = _("everybody on this machine may read {path}").format(path=found.path)
        return warning(name, said, f"sudo chmod o-r {found.path}")
    owner = found.state.stat()
    if owner.st_mode & stat.S_IRWXO:
        said = _("everybody on this machine may look into {path}").format(path=found.state)
        return failed(name, said, f"sudo chmod o-rwx {found.state}")
    try:
        strangers = [path for path in found.state.rglob("*") if path.lstat().st_uid != owner.st_uid]
    except OSError as refused:
        return skipped(name, f"{refused.filename}: {refused.strerror}", "sudo comptoir doctor")
    user = name_of(owner.st_uid)
    if strangers:
        said = counted("{n} file does not belong to", "{n} files do not belong to", len(strangers))
        return failed(name, f"{said} {user}: {strangers[0]}", f"sudo chown -R {user}: {found.state}")
    return ok(name, _("{path} belongs to {user} alone").format(path=found.state, user=user))


def _sqlite(found: Examined) -> Check:
    version = ".".join(map(str, sqlite_version()))
    if not may_read_beside():
        said = _("SQLite {version} is safe with one connection only: look-ups wait for merges").format(version=version)
        return warning("sqlite", said, _("install the wheel sqlcipher3, or SQLite 3.51.3"))
    kind = _("encrypted") if found.key else _("not encrypted")
    return ok("sqlite", _("SQLite {version}, database {kind}").format(version=version, kind=kind))


def _disk(state: Path) -> Check:
    free = shutil.disk_usage(next(path for path in (state, *state.parents) if path.exists())).free
    said = _("{size} MiB free on the disk of {path}").format(size=figure(free // 1024**2), path=state)
    if free < FREE_BYTES_MIN:
        return failed("disk", said, _("make room: writing is about to be refused"))
    return warning("disk", said, _("make room soon")) if is_low(free) else ok("disk", said)


def _ballast(state: Path) -> Iterator[Check]:
    """The room that is given up on a full disk; the daemon makes it at its start, and again once there is room."""
    path = state / ballast.NAME
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        size = 0
    except OSError as refused:
        yield skipped("ballast", f"{path}: {refused.strerror}", "sudo comptoir doctor")
        return
    if size >= ballast.BYTES:
        yield ok("ballast", _("{size} MiB kept for the day when the disk is full").format(size=size // 1024**2))
    elif any(state.glob("*.db")):
        said = _("nothing is kept for the day when the disk is full: the daemon never started, or the disk is full")
        yield warning("ballast", said, _("make room: the daemon keeps it again by itself"))


def _clock(now_ms: int) -> Check:
    said = moments.moment_of_ms(now_ms)
    if now_ms < PLAUSIBLE_MS:
        return failed("clock", _("the clock was never set: {moment}").format(moment=said), "sudo timedatectl set-time")
    if kernel_is_synchronised() is False:
        told = _("the clock says {moment}, and nothing keeps it right").format(moment=said)
        return warning("clock", told, "sudo timedatectl set-ntp true")
    return ok("clock", _("clock kept right: {moment}").format(moment=said))


def _devices(found: Examined) -> Iterator[Check]:
    if found.role != "till":
        return
    for device in configured(found.path):
        if device.present is False:
            said = _("{name}: {path} is not plugged in").format(name=device.name, path=device.address)
            yield warning("device", said, _("plug it in, or correct its path: comptoir devices"))
        elif device.present and not os.access(device.address.removeprefix("serial://"), os.R_OK | os.W_OK):
            said = _("{name}: {path} may not be opened").format(name=device.name, path=device.address)
            yield failed("device", said, _("the daemon's user must be in the group dialout"))
        elif device.present:
            yield ok("device", _("{name}: {path} is plugged in").format(name=device.name, path=device.address))
