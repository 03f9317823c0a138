"""`comptoir hub backup|restore`: the database, verified, and beside it the keys of the chain."""

import os
import tarfile
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from daemon.cli import moments
from daemon.cli.asking import confirmed
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.owner import act_as_owner, give
from daemon.cli.place import config_path
from daemon.cli.progress import measured
from daemon.cli.terminal import Terminal
from daemon.cli.words import _, counted, figure
from daemon.clock import SystemClock, random_bytes
from daemon.config import HubConfig, load_hub, read_store_key
from daemon.durable_file import write_durably
from daemon.errors import NotFound, OperatorMistake, StoreFault
from daemon.head_office.founding import DATABASE, KEYS
from daemon.state_directory import taken
from daemon.store import backup as store
from daemon.store import leftovers
from daemon.store.customers import skip_codes
from daemon.store.database import may_read_beside, open_connection, run

LAST: Final = "last"
KEYS_SUFFIX: Final = ".keys"
_KEY_FILE_BYTES_MAX: Final = 64 * 1024


def backup(at: Invocation) -> int:
    """Take a backup; nothing of it stays when it does not pass its check."""
    config = load_hub(config_path(at.given, role="hub"))
    state = Path(config.hub.state_directory)
    database = state / DATABASE
    keep = config.backup.keep if at.given.keep is None else at.given.keep
    if keep < 1:
        raise OperatorMistake("keep: at least one backup is kept", field="keep")
    directory = _directory(config, at.given.directory)
    if not database.exists():
        raise NotFound(f"there is no hub in {state}: run `comptoir hub init --chain NAME`")
    give(directory, like=state)
    act_as_owner(state, "hub")
    now_ms = SystemClock().now_ms()
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%d-%H%M%S")
    if not may_read_beside():
        raise OperatorMistake("this machine's SQLite is too old to read beside head office: stop it for the backup")
    keys = directory / f"hub-{stamp}{KEYS_SUFFIX}"
    write_durably(keys, pack_keys(state / KEYS))
    draft = directory / f".hub-{stamp}.draft"
    try:
        with measured(at.terminal, _("Copying and verifying"), lambda: (_kib(draft), _kib(database)), unit=_(" KiB")):
            made = store.take(database, directory, key=_key(config), stamp=stamp, now_ms=now_ms, keep=keep)
    except StoreFault:
        keys.unlink()  # without its database it would pass for a backup
        raise
    removed = _remove(made.withdrawn, directory, keep)
    store.forget_withdrawn(database, [path for path in made.withdrawn if not path.exists()], key=_key(config))
    if at.terminal.as_json:
        told = {"file": str(made.path), "offset": made.offset, "elements": made.elements, "bytes": made.bytes}
        at.terminal.answer({**told, "backed_up": made.backed_up, "removed": removed})
        return Exit.OK
    at.terminal.say(str(made.path))
    at.terminal.note(_verified(made), "green")
    at.terminal.note(_("With the keys of the chain beside it: keep both where nobody else can read them."))
    if removed:
        at.terminal.note(counted("{n} older backup removed", "{n} older backups removed", removed))
    return Exit.OK


def restore(at: Invocation) -> int:
    """Put a backup in the place of the database; raises OperatorMistake while head office runs."""
    config = load_hub(config_path(at.given, role="hub"))
    state = Path(config.hub.state_directory)
    directory = _directory(config, None)
    act_as_owner(state, "hub")
    path = store.newest(directory) if at.given.file == LAST else Path(at.given.file)
    if path is None or not path.exists():
        raise NotFound(f"no backup is there: {path or directory}")
    taken_ms = int(path.stat().st_mtime * 1000)
    with taken(state):
        question = _("Replace the database of head office by {file}, of {moment}?").format(
            file=path.name, moment=moments.moment_of_ms(taken_ms)
        )
        if not at.given.yes and not confirmed(at.terminal, question):
            raise OperatorMistake("nothing was done: answer yes, or give --yes")
        keys = unpack_keys(path.with_suffix(KEYS_SUFFIX), state / KEYS)
        database, now_ms = state / DATABASE, SystemClock().now_ms()
        with measured(at.terminal, _("Verifying and restoring")):
            done = store.restore(
                path,
                database,
                key=_key(config),
                boot=random_bytes(8),
                now_ms=now_ms,
                accept_loss=at.given.accept_loss,
            )
            _skip_codes(database, config)
    replaced = leftovers.beside(database, leftovers.REPLACED)
    _tell(at.terminal, done, keys, replaced if replaced.exists() else None, taken_ms)
    return Exit.OK


def _tell(terminal: Terminal, done: store.Restored, keys: list[str], replaced: Path | None, taken_ms: int) -> None:
    """What was done, and what cannot be known."""
    if terminal.as_json:
        told = {"file": str(done.path), "offset": done.offset, "elements": done.elements, "keys": keys}
        kept = str(replaced) if replaced else None
        terminal.answer({**told, "replaced": kept, "erasures_known": done.erasures_known})
        return
    terminal.note(_("Restored from {file}.").format(file=done.path), "green")
    terminal.note(_verified(done))
    if keys:
        terminal.note(counted("{n} key file came back too", "{n} key files came back too", len(keys)))
    if replaced:
        terminal.note(_("The former database is kept as {replaced} until the next backup.").format(replaced=replaced))
    if not done.erasures_known:
        said = _("The former database cannot be read: whoever was erased after {moment} must be erased again.")
        terminal.note(said.format(moment=moments.moment_of_ms(taken_ms)), "red")
    terminal.note(_("Next: sudo systemctl start comptoir-hub; each till sends again what this backup does not hold."))


def pack_keys(directory: Path) -> bytes:
    """The files of the chain's keys as a tar archive; raises StoreFault."""
    packed = BytesIO()
    try:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for path in sorted(directory.iterdir()):
                if path.is_file() and not path.name.startswith("."):
                    archive.add(path, arcname=path.name, recursive=False)
    except OSError as failure:
        raise StoreFault(f"the keys in {directory} cannot be read: {failure.strerror}") from failure
    return packed.getvalue()


def unpack_keys(archive: Path, directory: Path) -> list[str]:
    """Put back the key files that are missing in `directory`; those that are there stay. Returns their names."""
    if not archive.exists():
        return []
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    restored = []
    try:
        with tarfile.open(archive) as opened:
            for member in opened:
                target = directory / Path(member.name).name
                content = opened.extractfile(member) if member.isfile() and not target.exists() else None
                if content is not None and member.size <= _KEY_FILE_BYTES_MAX:
                    write_durably(target, content.read())
                    restored.append(target.name)
    except (OSError, tarfile.TarError) as failure:
        raise StoreFault(f"{archive} cannot be read: {failure}") from failure
    return restored


def _verified(made: store.Backup | store.Restored) -> str:
    told = _("Verified: {elements} stored things, position {offset} of the chain's feed, {size} MiB.")
    size = figure(max(1, made.bytes // 1024**2))
    return told.format(elements=figure(made.elements), offset=figure(made.offset), size=size)


def _directory(config: HubConfig, typed: str | None) -> Path:
    return Path(typed or config.backup.directory or Path(config.hub.state_directory) / "backups")


def _key(config: HubConfig) -> bytes | None:
    key = read_store_key(config.store)
    return key.reveal() if key else None


def _kib(path: Path) -> int:
    try:
        return path.stat().st_size // 1024
    except OSError:
        return 0


def _remove(withdrawn: Iterable[Path], directory: Path, keep: int) -> int:
    """Remove what may not be restored any more, and what lies beyond the last `keep` here; each with its keys."""
    old = {*withdrawn, *(path.absolute() for path in sorted(directory.glob(store.PATTERN))[:-keep])}
    there = [path for path in old if path.exists()]
    for path in there:
        path.unlink()
        path.with_suffix(KEYS_SUFFIX).unlink(missing_ok=True)
    return len(there)


def _skip_codes(database: Path, config: HubConfig) -> None:
    """Customer codes that head office gave after the backup are on cards already."""
    conn = open_connection(database, key=_key(config))
    try:
        run(conn, skip_codes)
    finally:
        conn.close()
        # What SQLite leaves beside the file belongs to it; nothing is open any more.
        os.sync()
