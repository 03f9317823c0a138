"""`comptoir till enrol`: a key, a certificate, an identity; safe to interrupt at any moment and to run again."""

import hashlib
from pathlib import Path
from typing import Final

from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.owner import act_as_owner
from daemon.cli.place import ENROL_PORT, config_path
from daemon.cli.words import _
from daemon.clock import random_bytes
from daemon.config import TillConfig, load_till, read_store_key
from daemon.domain.machine import Facts
from daemon.errors import Conflicting, OperatorMistake
from daemon.state_directory import taken
from daemon.store import changes, machine
from daemon.store.database import Connection, migrate, open_connection
from daemon.store.database import run as run_unit
from daemon.store.replica import Identity as Replicated
from daemon.store.replica import get_meta, put_meta, read_identity, write_identity
from daemon.sync.enrol_client import HeadOffice, enrol
from daemon.sync.enrol_wire import read_code
from daemon.sync.identity import Identity, load_identity
from daemon.till.machine_facts import machine_facts
from daemon.till.opening import NO_FACTS

DATABASE: Final = "till.db"
USED_CODE: Final = "enrolled_with"
"""Digest of the code that this till was enrolled with: the same command again says so and does nothing."""


def run(at: Invocation) -> int:
    """Enrol this till; raises OperatorMistake, PeerFault, StoreFault in one sentence."""
    office = office_of(at.given.hub)
    digest = hashlib.sha256(read_code(at.given.code).secret).digest()
    config = load_till(config_path(at.given, role="till"))
    state = Path(config.till.state_directory)
    act_as_owner(state, "till")
    with taken(state):
        conn = _open(config, state)
        try:
            identity = load_identity(state)
            if identity is None or not _is_finished(conn, identity, digest):
                if identity is None or not _is_half_done(conn, identity):
                    _refuse_to_abandon(conn, abandon=at.given.abandon_unsent)
                    identity = enrol(office, at.given.code, state)
                here = machine_facts(identity.chain, Path(config.till.machine_root), state)
                run_unit(conn, lambda c: become(c, identity, digest, here))
        finally:
            conn.close()
    _tell(at, identity)
    return Exit.OK


def office_of(text: str) -> HeadOffice:
    """`HOST` or `HOST:PORT` (an IPv6 address in brackets); raises OperatorMistake."""
    bare = text.strip().removeprefix("https://")
    host, colon, port = bare.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = bare, str(ENROL_PORT)
    host = host.strip("[]")
    if not host or "/" in host or not (port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
        raise OperatorMistake("hub: write HOST or HOST:PORT", field="hub")
    return HeadOffice(host=host, port=int(port))


def become(conn: Connection, identity: Identity, digest: bytes, here: Facts = NO_FACTS) -> None:
    """Make the database that of this till, in one transaction: a new holder and incarnation, unless it is already.

    `here`: what tells this machine from others, so that a card that is copied before its first start is noticed too.
    As another till of the same chain, it keeps what it knows of the customers and follows its shop's feed from the
    beginning. Raises Conflicting for a database of another chain.
    """
    known = read_identity(conn)
    if known is not None and known.chain != identity.chain:
        raise Conflicting(f"{DATABASE} belongs to the chain {known.chain}: move it away, then run this again")
    if known is None or known.site != identity.site:
        write_identity(
            conn,
            Replicated(
                chain=identity.chain,
                site=identity.site,
                shop=identity.shop,
                incarnation=int.from_bytes(random_bytes(4), "big"),
                lot=random_bytes(8),
            ),
        )
        if known is not None:
            conn.execute("DELETE FROM change")
            conn.execute("DELETE FROM meta WHERE name IN ('head', 'applied_seq')")
            conn.execute("DELETE FROM cursor WHERE reach != 0")
        machine.forget(conn)
        machine.note(conn, here)
    put_meta(conn, USED_CODE, digest)


def _open(config: TillConfig, state: Path) -> Connection:
    key = read_store_key(config.store)
    conn = open_connection(state / DATABASE, key=key.reveal() if key else None)
    migrate(conn)
    return conn


def _is_half_done(conn: Connection, identity: Identity) -> bool:
    """Whether head office has answered, and the power went before the database knew."""
    known = read_identity(conn)
    return known is None or known.site != identity.site


def _is_finished(conn: Connection, identity: Identity, digest: bytes) -> bool:
    return not _is_half_done(conn, identity) and get_meta(conn, USED_CODE) == digest


def _refuse_to_abandon(conn: Connection, *, abandon: bool) -> None:
    """Records that never reached head office would be lost with the old identity; raises Conflicting."""
    if abandon or read_identity(conn) is None:
        return
    waiting = changes.waiting(conn).records
    if waiting:
        raise Conflicting(
            f"{waiting} records of this till have not reached head office: let it send them, or give --abandon-unsent"
        )


def _tell(at: Invocation, identity: Identity) -> None:
    told = {
        "site": int(identity.site),
        "shop": int(identity.shop),
        "chain": identity.chain,
        "broker": f"{identity.broker_host}:{identity.broker_port}",
    }
    if at.terminal.as_json:
        at.terminal.answer(told)
        return
    at.terminal.note(_("Enrolled: till {site} of shop {shop}, chain {chain}.").format(**told), "green")
    at.terminal.note(_("Next: sudo systemctl enable --now comptoir-till, then sudo comptoir setup"))
