"""Hostile messages and batches against running processes: set aside with a reason, and nothing else comes of them."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.clock import random_bytes
from daemon.domain.change import NO_CHAIN, Record, decode_header, encode_header, leaf_of, link
from daemon.domain.feed import CHAIN as CHAIN_FEED
from daemon.domain.feed import Batch, Cursor, Frame, Head
from daemon.domain.ids import SiteId
from daemon.errors import PeerFault
from daemon.store import ordering
from daemon.store.database import Connection, open_connection, run
from daemon.store.replica import Replica
from daemon.store.slots import pack_slots
from daemon.sync import wire
from daemon.sync.topics import Topics
from tests.blackbox import hostile, packets
from tests.blackbox.proxied import is_proved_equal, running_proxied
from tests.blackbox.proxy import Line, LineState, Proxy
from tests.system.processes import CHAIN, Chain, Daemon, until

pytestmark = [pytest.mark.needs("mosquitto"), pytest.mark.feature("E3.1")]

Running = tuple[Chain, Proxy, list[Line]]

MORE_MIB = 64
TOPICS = Topics(CHAIN)
HONEST = hostile.record(2, b"stranger", 1, 1 << 56, hostile.somebody_new(b"stranger", "Faux"))
HONEST_UP = wire.Upload(Batch(2, 7, 1, NO_CHAIN, (HONEST,)), b"somebody")
HONEST_DOWN = wire.Ordered(Frame(CHAIN_FEED, 1, 1, NO_CHAIN, (HONEST,)))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_proxied(tmp_path_factory.mktemp("hostile"), (1, 1)) as found:
        yield found


def reading(daemon: Daemon) -> closing[Connection]:
    """The file of a running daemon."""
    name = "hub.db" if daemon.role == "hub" else "till.db"
    return closing(open_connection(daemon.api.path.parent / name, read_only=True))


def set_aside(daemon: Daemon, source: str) -> list[str]:
    """The reasons of what was set aside, in the order in which it came."""
    with reading(daemon) as conn:
        rows = conn.execute("SELECT reason FROM quarantine WHERE source = ? ORDER BY id", (source,))
        return [reason for (reason,) in rows]


def site_of(till: Daemon) -> SiteId:
    return SiteId(till.replication()["site"])


def reasons(payloads: list[bytes]) -> list[str]:
    """Why each of these is refused."""
    found = []
    for payload in payloads:
        with pytest.raises(PeerFault) as refused:
            wire.decode(payload)
        found.append(str(refused.value))
    return found


def memory_mib(daemon: Daemon, name: str) -> float:
    """VmRSS: what the process takes now; VmHWM: the most that it ever took."""
    assert daemon.process is not None
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def pids(chain: Chain) -> list[int]:
    return [box.process.pid for box in (chain.hub, *chain.tills) if box.process is not None]


def goes_on(chain: Chain, name: str) -> None:
    """Everybody answers and all become equal, by a mark."""
    made = [till.api.post("/customers", {"last_name": f"{name} {at}"}) for at, till in enumerate(chain.tills)]
    until(lambda: is_proved_equal(chain), "equality proved at a mark", 90)
    for box in (chain.hub, *chain.tills):
        assert all(box.api.ask("GET", f"/customers/{one['customer']['id']}")[0] == 200 for one in made)


def test_head_office_sets_aside_what_cannot_be_read_and_goes_on(running: Running) -> None:
    chain, proxy, lines = running
    goes_on(chain, "avant")
    before, processes = memory_mib(chain.hub, "VmRSS"), pids(chain)
    site = site_of(chain.tills[0])
    payloads = hostile.undecodable(HONEST_UP)
    for payload in payloads:
        proxy.slip_in(lines[0], packets.publish(TOPICS.up(site), payload), to_till=False)
    source = f"site {site}"
    until(lambda: len(set_aside(chain.hub, source)) >= len(payloads), "everything to be set aside")
    assert set_aside(chain.hub, source) == reasons(payloads)
    assert memory_mib(chain.hub, "VmHWM") - before < MORE_MIB
    goes_on(chain, "apres")
    assert pids(chain) == processes
    assert lines[0].counts["connections"] == 1


def test_a_till_sets_aside_what_cannot_be_read_and_goes_on(running: Running) -> None:
    chain, proxy, lines = running
    till = chain.tills[1]
    before, processes = memory_mib(till, "VmRSS"), pids(chain)
    payloads = hostile.undecodable(HONEST_DOWN)
    topics = (TOPICS.down(site_of(till)), TOPICS.feed_all())
    for at, payload in enumerate(payloads):
        proxy.slip_in(lines[1], packets.publish(topics[at % 2], payload), to_till=True)
    until(lambda: len(set_aside(till, "hub")) >= len(payloads), "everything to be set aside")
    assert set_aside(till, "hub") == reasons(payloads)
    assert memory_mib(till, "VmHWM") - before < MORE_MIB
    goes_on(chain, "encore")
    assert pids(chain) == processes


def test_a_frame_above_what_the_broker_takes_costs_the_line_and_nothing_else(running: Running) -> None:
    chain, proxy, lines = running
    site, connections = site_of(chain.tills[0]), lines[0].counts["connections"]
    huge = packets.publish(TOPICS.up(site), bytes((wire.VERSION, 3, 0)) + bytes(2 * hostile.BROKER_TAKES))
    before = set_aside(chain.hub, f"site {site}")
    proxy.slip_in(lines[0], huge, to_till=False)
    until(lambda: lines[0].counts["connections"] > connections, "the till to come back")
    goes_on(chain, "coupee")
    assert set_aside(chain.hub, f"site {site}") == before


def test_what_a_till_of_the_chain_may_say_but_never_does_changes_nothing(running: Running) -> None:
    """It can be read, and asks for too much, or tells what cannot be."""
    chain, proxy, lines = running
    till = chain.tills[0]
    site = site_of(till)
    far = Cursor(1 << 60, 1 << 60, NO_CHAIN)
    for message in (
        wire.Hello(site, b"stranger", b"stranger", Head(7, 1 << 60, NO_CHAIN), {CHAIN_FEED: far}, "9" * 20, 1, 1),
        wire.RangeWanted(CHAIN_FEED, 1 << 60, 0, 1 << 60),
        wire.Report(1 << 62, 1 << 62, 1 << 62, "nobody's", {2: ((1,),), 3: -1, 4: b"", 6: (1, 2), 99: "new"}),
        wire.Upload(Batch(site + 1, 7, 1, NO_CHAIN, (HONEST,)), b"somebody"),
        wire.Upload(Batch(site, 7, 1 << 60, NO_CHAIN, (HONEST,)), b"somebody"),
    ):
        proxy.slip_in(lines[0], packets.publish(TOPICS.up(site), wire.encode(message)), to_till=False)
    goes_on(chain, "sourde")
    assert len(chain.hub.api.get("/tills")) == 2
    assert [one.replication()["feeds"][0]["generation"] for one in chain.tills] == [1, 1]


def position(chain: Chain, till: Daemon) -> tuple[Head, int]:
    """Up to where head office has a till's records, and a moment after all that was ordered."""
    with reading(chain.hub) as conn:
        head = ordering.head_of(conn, site_of(till), till.replication()["incarnation"])
        assert head is not None
        return head, ordering.newest_time(conn)


def test_of_a_forged_batch_head_office_orders_what_is_good_up_to_what_is_not(running: Running) -> None:
    chain, proxy, lines = running
    till = chain.tills[0]
    site, good = site_of(till), [random_bytes(8) for _ in range(2)]
    head, time = position(chain, till)
    slots = [hostile.somebody_new(entity, "Faux") for entity in good]
    records = hostile.around(hostile.MALFORMED, site, b"stranger", time, slots)

    def upload(first: int, chain_: bytes, *what: Record) -> None:
        batch = Batch(site, head.incarnation, first, chain_, what)
        payload = wire.encode(wire.Upload(batch, b"stranger"))
        proxy.slip_in(lines[0], packets.publish(TOPICS.up(site), payload), to_till=False)

    upload(head.seq + 1, head.chain, *records)
    until(lambda: chain.hub.api.ask("GET", f"/customers/{good[0].hex()}")[0] == 200, "the first good record")
    behind = link(head.chain, records[0].header, [leaf_of(slot) for slot in records[0].slots])
    upload(head.seq + 2, behind, records[2])
    until(lambda: chain.hub.api.ask("GET", f"/customers/{good[1].hex()}")[0] == 200, "the other, without what was bad")
    # The till whose place was taken begins another incarnation with what it saves next.
    goes_on(chain, "supplantee")
    for box in chain.tills:
        assert all(box.api.ask("GET", f"/customers/{one.hex()}")[0] == 200 for one in good)


def test_a_till_sets_a_frame_aside_whose_records_cannot_all_be_read(running: Running) -> None:
    chain, proxy, lines = running
    till, good = chain.tills[1], [random_bytes(8) for _ in range(2)]
    until(lambda: is_proved_equal(chain), "equality proved at a mark", 90)
    _, time = position(chain, chain.tills[0])
    slots = [hostile.somebody_new(entity, "Faux") for entity in good]
    records = hostile.around(hostile.UNREADABLE, 99, b"stranger", time, slots)
    with reading(till) as conn:
        here = conn.execute("SELECT generation, feed_offset, chain FROM cursor WHERE reach = 0").fetchone()
    frame = Frame(CHAIN_FEED, here[0], here[1] + 1, here[2], records)
    payload = wire.encode(wire.Ordered(frame))
    proxy.slip_in(lines[1], packets.publish(TOPICS.feed_all(), payload), to_till=True)
    until(lambda: set_aside(till, "feed"), "the frame to be set aside")
    goes_on(chain, "intacte")
    for box in (chain.hub, *chain.tills):
        assert not any(box.api.ask("GET", f"/customers/{one.hex()}")[0] == 200 for one in good)


def spoil(till: Daemon) -> None:
    """A faulty version has sealed a record that nobody can read, behind what this till has saved last."""
    replica = Replica(random_bytes(8))

    def unit(conn: Connection) -> None:
        replica.reload(conn)
        row = conn.execute("SELECT header, seq FROM change WHERE sealed = 1 ORDER BY seq DESC LIMIT 1").fetchone()
        last = decode_header(row[0])
        header = encode_header(type(last)(last.site, replica.boot, 1, last.time + 1, last.incarnation, last.actor))
        head = replica.head
        head = Head(head.incarnation, head.seq + 1, link(head.chain, header, [leaf_of(hostile.MALFORMED)]))
        replica.save_head(conn, head)
        conn.execute(
            "INSERT INTO change (boot, n, header, slots, saved_ms, sealed, incarnation, seq, chain, waiting)"
            " VALUES (?,1,?,?,1,1,?,?,?,1)",
            (replica.boot, header, pack_slots((hostile.MALFORMED,)), head.incarnation, head.seq, head.chain),
        )

    with closing(open_connection(till.api.path.parent / "till.db")) as conn:
        run(conn, unit)


def test_a_malformed_record_between_good_ones_is_set_aside_by_its_till_and_the_good_ones_are_ordered(
    running: Running,
) -> None:
    chain, proxy, lines = running
    till = chain.tills[0]
    proxy.turn(lines[0], LineState.CUT)
    good = [till.api.post("/customers", {"last_name": "Bon avant"})["customer"]["id"]]
    till.stop()
    spoil(till)
    till.start()
    good.append(till.api.post("/customers", {"last_name": "Bon apres"})["customer"]["id"])
    proxy.turn(lines[0], LineState.OPEN)
    until(lambda: set_aside(till, "own"), "the malformed record to be set aside")
    goes_on(chain, "ensuite")
    assert len(set_aside(till, "own")) == 1
    for box in (chain.hub, *chain.tills):
        assert all(box.api.ask("GET", f"/customers/{one}")[0] == 200 for one in good)


def doctor(daemon: Daemon) -> str:
    command = [*daemon.command, "doctor", "--config", str(daemon.config)]
    environ = os.environ | {"LC_ALL": "en_GB.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/", env=environ)
    return done.stdout


def test_it_is_listed_and_nothing_of_it_is_a_crash_or_names_anybody(running: Running) -> None:
    chain: Chain = running[0]
    for daemon in (chain.hub, *chain.tills):
        with reading(daemon) as conn:
            told: list[Any] = [reason for (reason,) in conn.execute("SELECT reason FROM quarantine")]
        count = f"{len(told)} messages were" if len(told) > 1 else "1 message was"
        assert f"{count} set aside" in doctor(daemon)
        log = daemon.log.read_text()
        assert "Traceback" not in log
        assert not [word for word in hostile.SOMEBODY for text in (log, *told) if word in text]
        assert daemon.process is not None
        assert daemon.process.poll() is None
