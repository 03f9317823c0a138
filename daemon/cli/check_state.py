"""What the doctor looks at in the state: enrolment, certificates, database, what was set aside, backups, the broker."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from daemon import certificates
from daemon.certificates import KeyPair
from daemon.cli import moments
from daemon.cli.check import Check, failed, ok, skipped, warning
from daemon.cli.check_copy import examine_copy
from daemon.cli.check_fleet import examine_fleet
from daemon.cli.check_machine import Examined
from daemon.cli.check_pin_key import examine_pin_key, examine_pins
from daemon.cli.check_trail import examine_trail
from daemon.cli.progress import measured
from daemon.cli.terminal import Terminal
from daemon.cli.words import _, counted, sentence
from daemon.config import HubConfig, TillConfig
from daemon.domain.hlc import Stamp, ms_of
from daemon.errors import ComptoirError, DamagedFile, StoreFault
from daemon.head_office.founding import DATABASE as HUB_DATABASE
from daemon.head_office.founding import KEYS
from daemon.hub import chain_keys
from daemon.store import backup, leftovers, missed_rows, quarantine
from daemon.store.database import Connection, open_connection
from daemon.store.replica import get_meta, read_identity
from daemon.store.verify import is_of_sums, verify
from daemon.sync import identity as enrolled
from daemon.tls import client_tls

CONNECT_S: Final = 3.0
REFUSAL_S: Final = 0.5
BACKUP_AGE_MS_MAX: Final = 36 * 3_600_000
CLOCK_BEHIND_MS_MAX: Final = 10 * 60_000
DAY_MS: Final = 86_400_000
TILL_DATABASE: Final = "till.db"


def examine_state(found: Examined, terminal: Terminal, now_ms: int, *, quick: bool) -> Iterator[Check]:
    """Everything in the state directory."""
    if not found.state.is_dir():
        return
    if found.role == "till":
        yield from _enrolment(found, now_ms)
    else:
        yield from _chain_certificates(found, now_ms)
    yield from examine_pin_key(found)
    yield from _database(found, terminal, now_ms, quick=quick)
    if isinstance(found.config, HubConfig):
        yield _backups(found, found.config, now_ms)
        yield from _leftovers(found)
    yield _broker(found)


def _enrolment(found: Examined, now_ms: int) -> Iterator[Check]:
    try:
        who = enrolled.load_identity(found.state)
    except ComptoirError as wrong:
        yield failed("enrolment", sentence(str(wrong)), "sudo comptoir till enrol")
        return
    if who is None:
        yield failed("enrolment", _("this till is not enrolled"), "sudo comptoir till enrol CODE --hub HOST")
        return
    said = _("enrolled as till {site} of shop {shop}, chain {chain}")
    yield ok("enrolment", said.format(site=who.site, shop=who.shop, chain=who.chain))
    yield _certificate("certificate", who.folder / enrolled.PAIR, now_ms)


def _chain_certificates(found: Examined, now_ms: int) -> Iterator[Check]:
    directory = found.state / KEYS
    for name in (chain_keys.AUTHORITY, chain_keys.SERVER, chain_keys.BROKER, chain_keys.HUB):
        yield _certificate(f"certificate {name}", directory / name, now_ms)


def _certificate(name: str, path: Path, now_ms: int) -> Check:
    try:
        facts = certificates.facts(KeyPair.split(path.read_bytes()).certificate_pem)
    except OSError as failure:
        return failed(name, f"{path}: {failure.strerror}", _("restore it from a backup, or enrol again"))
    except ComptoirError as wrong:
        return failed(name, f"{path}: {sentence(str(wrong))}", _("restore it from a backup, or enrol again"))
    until = _("certificate {file} until {day}").format(file=path.name, day=moments.day_of_ms(facts.not_after_ms))
    if facts.not_after_ms <= now_ms:
        return failed(name, until, _("look at the clock; a till enrols again, head office is restarted"))
    if facts.not_before_ms > now_ms:
        return failed(name, _("certificate {file} is not valid yet").format(file=path.name), _("set the clock"))
    if facts.not_after_ms - now_ms < moments.CERTIFICATE_DAYS_LOW * DAY_MS:
        return warning(name, until, _gesture_of(path.name))
    return ok(name, until)


def _gesture_of(file: str) -> str:
    if file == enrolled.PAIR:
        return _("it is renewed by itself: connect this machine to head office")
    if file == chain_keys.AUTHORITY:
        return _("the chain needs a new authority, and every till must enrol again: call for help")
    return "sudo systemctl restart comptoir-hub"


def _database(found: Examined, terminal: Terminal, now_ms: int, *, quick: bool) -> Iterator[Check]:
    path = _database_of(found)
    if not path.exists():
        gesture = "sudo comptoir till enrol" if found.role == "till" else "sudo comptoir hub init"
        yield failed("database", _("the database {path} is not there").format(path=path), gesture)
        return
    try:
        conn = open_connection(path, key=found.key, read_only=True)
    except DamagedFile as wrong:
        yield failed("database", sentence(str(wrong)), _help_with_damage(found))
        return
    except StoreFault as wrong:
        yield failed("database", sentence(str(wrong)), _("look at the rights and at store.encryption_key_file"))
        return
    try:
        yield from _contents(conn, found, terminal, quick=quick)
        yield from _stamps(conn, now_ms)
        if not quick:
            yield from examine_trail(conn, found)
            yield from examine_pins(conn, found)
        if found.role == "till" and read_identity(conn) is not None:
            yield from examine_copy(conn, path, now_ms)
        if found.role == "hub":
            yield from examine_fleet(conn)
        yield from _missed(conn)
        yield _set_aside(conn)
    except conn.Error:
        yield failed(
            "database", _("{path} is damaged: it cannot be read to its end").format(path=path), _help_with_damage(found)
        )
    finally:
        conn.close()


def _contents(conn: Connection, found: Examined, terminal: Terminal, *, quick: bool) -> Iterator[Check]:
    path = _database_of(found)
    if read_identity(conn) is None:
        yield failed("database", _("{path} belongs to no site yet").format(path=path), "sudo comptoir till enrol")
        return
    if quick:
        yield skipped("database", _("{path} opens; its contents were not read").format(path=path), "comptoir doctor")
        return
    with measured(terminal, _("Reading the whole database")):
        verdict = verify(conn)
    if verdict.is_sound:
        yield ok("database", counted("{n} stored thing, all sound", "{n} stored things, all sound", verdict.elements))
    for fault in verdict.faults:
        gesture = _("leave it running: it counts them again; call for help if it is the same tomorrow")
        yield failed("database", sentence(fault), gesture if is_of_sums(fault) else _help_with_damage(found))


def _database_of(found: Examined) -> Path:
    return found.state / (TILL_DATABASE if found.role == "till" else HUB_DATABASE)


def _help_with_damage(found: Examined) -> str:
    if found.role == "till":
        return _("sudo systemctl restart comptoir-till: it makes a new one with what can be read, and is filled anew")
    return _("stop the daemon, keep a copy of the state directory, call for help")


def _stamps(conn: Connection, now_ms: int) -> Iterator[Check]:
    last: Stamp = (int(get_meta(conn, "last_time", 0)), 0, 0)
    behind_ms = ms_of(last) - now_ms
    if behind_ms > CLOCK_BEHIND_MS_MAX:
        said = _("the clock is {duration} behind the last saved change").format(
            duration=moments.duration(behind_ms // 1000)
        )
        yield failed("stamps", said, _("set the clock"))


def _missed(conn: Connection) -> Iterator[Check]:
    """Rows of head office that its tills are to give back."""
    count = len(missed_rows.noted(conn))
    if count:
        said = counted(
            "{n} damaged row of head office is asked for at the tills",
            "{n} damaged rows of head office are asked for at the tills",
            count,
        )
        gesture = _("leave it running, with its tills connected; call for help if it is the same tomorrow")
        yield warning("damaged rows", said, gesture)


def _set_aside(conn: Connection) -> Check:
    count = quarantine.count(conn)
    if not count:
        return ok("quarantine", _("nothing was set aside"))
    (reason,) = conn.execute("SELECT reason FROM quarantine ORDER BY id DESC LIMIT 1").fetchone()
    said = counted("{n} message was set aside", "{n} messages were set aside", count)
    last = _("the last one: {reason}").format(reason=sentence(reason))
    return warning("quarantine", f"{said}; {last}", _("nothing waits behind them; tell whoever looks after the chain"))


def _backups(found: Examined, config: HubConfig, now_ms: int) -> Check:
    directory = Path(config.backup.directory or found.state / "backups")
    newest = backup.newest(directory)
    if newest is None:
        return warning("backup", _("no backup in {path} yet").format(path=directory), "sudo comptoir hub backup")
    age_ms = now_ms - int(newest.stat().st_mtime * 1000)
    said = _("last backup {ago}: {file}").format(ago=moments.ago(age_ms // 1000), file=newest.name)
    return warning("backup", said, "sudo comptoir hub backup") if age_ms > BACKUP_AGE_MS_MAX else ok("backup", said)


def _leftovers(found: Examined) -> Iterator[Check]:
    """A replaced database holds persons, and nobody looks at it."""
    for path in leftovers.found(found.state / HUB_DATABASE)[:1]:
        said = _("{path} is left from a restore and holds customers").format(path=path)
        yield warning("leftover", said, "sudo comptoir hub backup")


def _broker(found: Examined) -> Check:
    """Whether the broker lets this machine in; for a till a warning at most, it sells on without."""
    try:
        where = _broker_of(found)
    except ComptoirError as wrong:
        return failed("broker", sentence(str(wrong)))
    if where is None:
        return skipped("broker", _("no broker is known before the enrolment"))
    host, port, tls = where
    try:
        with socket.create_connection((host, port), CONNECT_S) as plain:
            if tls is not None:
                with tls.wrap_socket(plain, server_hostname=host) as line:
                    _hear_refusal(line)
    except (OSError, ssl.SSLError) as failure:
        reason = getattr(failure, "reason", None) or failure.strerror or type(failure).__name__
        said = _("the broker {host}:{port} does not let this machine in: {reason}").format(
            host=host, port=port, reason=reason
        )
        if found.role == "hub":
            return failed("broker", said, "systemctl status mosquitto")
        return warning("broker", said, _("look at the network; the till sells on without"))
    kind = _("with TLS") if tls is not None else _("without TLS")
    return ok("broker", _("broker {host}:{port} reached, {kind}").format(host=host, port=port, kind=kind))


def _hear_refusal(line: ssl.SSLSocket) -> None:
    """In TLS 1.3 a server refuses a client's certificate after the handshake; one that waits for us has let us in."""
    line.settimeout(REFUSAL_S)
    with suppress(TimeoutError):
        line.recv(1)


def _broker_of(found: Examined) -> tuple[str, int, ssl.SSLContext | None] | None:
    config = found.config
    if isinstance(config, TillConfig):
        who, link = enrolled.load_identity(found.state), config.link
        if who is None:
            return None
        tls = None if link.tls is False else who.tls()
        return link.host or who.broker_host, link.port or who.broker_port, tls
    keys = found.state / KEYS
    if not config.broker.tls:
        return config.broker.host, config.broker.port, None
    client = client_tls(authority=keys / chain_keys.AUTHORITY_CERTIFICATE, certificate=keys / chain_keys.HUB)
    return config.broker.host, config.broker.port, client
