"""A daemon beside one of the next version, both ways: what it does not know is kept or waits, and nothing stops."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.clock import SystemClock, random_bytes
from daemon.domain.canonical import pack
from daemon.domain.change import Actor, ActorKind, Operation, Verb
from daemon.domain.ids import SiteId
from daemon.domain.kinds import Kind
from daemon.store import authoring, elements
from daemon.store.database import open_connection, run
from daemon.store.replica import Replica
from daemon.sync import wire
from daemon.sync.topics import Topics
from tests.blackbox import packets
from tests.blackbox.proxied import running_proxied
from tests.blackbox.proxy import Line, Proxy
from tests.system.processes import CHAIN, Chain, Daemon, until

pytestmark = pytest.mark.needs("mosquitto")

Running = tuple[Chain, Proxy, list[Line]]

NEWER_KIND, NEWER_FIELD, NEWER_TYPE = 90, 900, 200

NEXT_VERSION = f"""
import sys
from daemon.domain.kind_shape import KindShape, Rule
from daemon.domain.kinds import SHAPES, Kind, _field, _fields
SHAPES[{NEWER_KIND}] = KindShape(kind=Kind.WISH, rule=Rule.MEMBER, fields=_fields(_field(1, "text")))
from daemon.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_proxied(tmp_path_factory.mktemp("apart"), (1, 1)) as found:
        yield found


def database(chain: Chain, daemon: Daemon) -> Path:
    return chain.directory / ("hub/hub.db" if daemon.role == "hub" else f"{daemon.config.stem}/till.db")


def rows(chain: Chain, daemon: Daemon, sql: str) -> list[Any]:
    """Look into the file of a running daemon."""
    with closing(open_connection(database(chain, daemon), read_only=True)) as conn:
        return conn.execute(sql).fetchall()


def set_aside(chain: Chain, daemon: Daemon) -> list[str]:
    return [reason for (reason,) in rows(chain, daemon, "SELECT reason FROM quarantine ORDER BY id")]


def longer(message: wire.Message) -> bytes:
    """A message with one part more than this version writes."""
    number, to_plain, _ = wire._BY_TYPE[type(message)]
    return bytes((wire.VERSION, number, 0)) + pack((*to_plain(message), {1: "of the next version"}))


def goes_on(chain: Chain, name: str) -> None:
    """The session stands and carries edits both ways."""
    made = [till.api.post("/customers", {"last_name": f"{name} {at}"}) for at, till in enumerate(chain.tills)]
    chain.settle()
    for box in (chain.hub, *chain.tills):
        assert all(box.api.ask("GET", f"/customers/{one['customer']['id']}")[0] == 200 for one in made)


def test_a_till_sets_aside_what_only_the_next_hub_says_and_goes_on(running: Running) -> None:
    chain, proxy, lines = running
    till, topics = chain.tills[0], Topics(CHAIN)
    goes_on(chain, "avant")
    connections = lines[0].counts["connections"]
    site = SiteId(till.replication()["site"])
    for payload in (
        bytes((wire.VERSION, NEWER_TYPE, 0)) + pack((1, 2)),
        bytes((wire.VERSION + 1, 1, 0)) + pack((1, 2)),
        longer(wire.Ack(incarnation=till.replication()["incarnation"], seq=1)),
    ):
        proxy.slip_in(lines[0], packets.publish(topics.down(site), payload), to_till=True)
    until(lambda: len(set_aside(chain, till)) >= 2, "two messages set aside")
    assert set_aside(chain, till) == [
        f"a message has type {NEWER_TYPE}, which this version does not know",
        f"a message of 6 bytes is not of wire version {wire.VERSION}",
    ]
    goes_on(chain, "apres")
    assert lines[0].counts["connections"] == connections


def test_head_office_sets_aside_what_only_the_next_till_says_and_goes_on(running: Running) -> None:
    chain, proxy, lines = running
    till, topics = chain.tills[1], Topics(CHAIN)
    connections = lines[1].counts["connections"]
    site = SiteId(till.replication()["site"])
    report = wire.Report(clock_ms=SystemClock().now_ms(), waiting=0, offset=0, version="9.9.9", facts={99: "new"})
    for payload in (bytes((wire.VERSION, NEWER_TYPE, 0)) + pack((1,)), longer(report)):
        proxy.slip_in(lines[1], packets.publish(topics.up(site), payload), to_till=False)
    until(lambda: set_aside(chain, chain.hub), "a message set aside")
    assert set_aside(chain, chain.hub) == [f"a message has type {NEWER_TYPE}, which this version does not know"]
    goes_on(chain, "ensuite")
    assert lines[1].counts["connections"] == connections


def write_as_next_version(chain: Chain, till: Daemon, customer: str) -> None:
    """A till of the next version has set a field and added a thing that this version does not know."""
    till.stop()
    with closing(open_connection(database(chain, till))) as conn:
        replica = Replica(random_bytes(8))
        replica.reload(conn)
        entity = bytes.fromhex(customer)
        row = elements.element(conn, (entity, Kind.CUSTOMER, b""))
        assert row is not None
        operations = [
            Operation(Kind.CUSTOMER, entity, Verb.SET, {NEWER_FIELD: ("pronouns", "iel")}, {}, b""),
            Operation(NEWER_KIND, entity, Verb.ADD, {1: "a thing of the next version"}),
        ]
        actor, now_ms = Actor(ActorKind.OPERATOR, "op1", "manager", 1), SystemClock().now_ms()
        run(conn, lambda c: authoring.commit(c, replica, actor, operations, now_ms=now_ms))


def test_unknown_fields_are_kept_and_unknown_kinds_wait_for_the_upgrade(running: Running) -> None:
    chain = running[0]
    newer, older = chain.tills
    made = newer.api.post("/customers", {"last_name": "Future", "email": "future@example.org"})["customer"]["id"]
    chain.settle()
    newer.command = (sys.executable, "-P", "-c", NEXT_VERSION)
    newer.stop()
    newer.start()
    write_as_next_version(chain, newer, made)
    newer.start()
    parked = "SELECT count(*) FROM parked"
    for box in (older, chain.hub):
        until(lambda: rows(chain, box, parked) == [(1,)], "the unknown kind to be parked")  # noqa: B023 - waited for at once
        shown = box.api.get(f"/customers/{made}")
        assert shown["unknown"] == {str(NEWER_FIELD): ["pronouns", "iel"]}
    # An older version edits the row, and what it does not know stays in it, everywhere.
    older.api.edit(made, civility="Mx")
    until(lambda: newer.api.get(f"/customers/{made}")["civility"] == "Mx", "the older till's edit")
    assert newer.api.get(f"/customers/{made}")["unknown"] == {str(NEWER_FIELD): ["pronouns", "iel"]}

    for box in (chain.hub, older):
        box.command = (sys.executable, "-P", "-c", NEXT_VERSION)
        box.stop()
        box.start()
    chain.settle()
    for box in (chain.hub, *chain.tills):
        assert rows(chain, box, parked) == [(0,)]
        assert rows(chain, box, f"SELECT count(*) FROM element WHERE kind = {NEWER_KIND}") == [(1,)]
    goes_on(chain, "fin")


def test_nothing_of_it_is_a_crash(running: Running) -> None:
    chain: Chain = running[0]
    for daemon in (chain.hub, *chain.tills):
        assert "Traceback" not in Path(daemon.log).read_text()
