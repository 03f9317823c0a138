"""Runs a till: the composition root. Every room is opened in order, and closed in reverse when the process ends."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from daemon import log
from daemon.clock import SystemClock
from daemon.config import TillConfig, read_store_key
from daemon.desk import instant
from daemon.desk.condition import FillShown, LinkShown, PassShown
from daemon.desk.customer_fields import Customs
from daemon.desk.desks import Desks, furnish
from daemon.desk.events import CustomerChanged, Event
from daemon.desk.outputs import outputs
from daemon.desk.premises import Premises
from daemon.desk.print_desk import PrintDesk
from daemon.desk.print_ports import PrintJobChanged
from daemon.desk.print_shown import event_of
from daemon.desk.ticket_taking import TicketTakingDesk
from daemon.desk.visits import VisitDesk
from daemon.domain import audit
from daemon.domain.feed import Frame
from daemon.drivers.device import Candidate
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.hotplug import hot_plug
from daemon.drivers.supervisor import Supervisor as Readers
from daemon.errors import DamagedFile, OperatorMistake
from daemon.journal import event
from daemon.lifecycle import Supervisor, feed_watchdog, until_stopped
from daemon.state_directory import taken, web_secret
from daemon.store import damage
from daemon.store.compacting import keep_erased_out
from daemon.store.database import Connection, Database
from daemon.store.print_jobs import StoredPrintJobs
from daemon.store.replica import Replica
from daemon.sync import mqtt
from daemon.sync.identity import Identity, load_identity
from daemon.sync.link import LinkSettings, Will
from daemon.sync.session import Phase
from daemon.sync.topics import Topics
from daemon.till.conversation import Conversation, LinkState, entities_of
from daemon.till.devices import device_facts, follow_readers, readers, shown_devices, simulated
from daemon.till.examination import Examination
from daemon.till.inquiries import Inquiries
from daemon.till.machine_facts import machine_facts
from daemon.till.opening import forget_damaged, open_store
from daemon.till.printers import plugged, print_manner, printers
from daemon.till.renewal import Renewal
from daemon.till.right_time import WatchedClock, follow_kernel_clock, known_time
from daemon.tls import client_tls
from daemon.version import VERSION
from daemon.web.live import Live
from daemon.web.parts import SimulatedTaps, WebParts
from daemon.web.server import Listening, build_app
from daemon.web.server import serve as serve_web
from daemon.web.surface import Place
from daemon.web.till_page import till_pages

logger = logging.getLogger(__name__)

DATABASE: Final = "till.db"
SWITCH_INTERVAL_S: Final = 0.0001
"""A lookup beside a merge waits for the interpreter at most so long (measured: p99 46 ms against 1.6 ms)."""

PRESENCE_EXPIRY_S: Final = 24 * 3600


def main(config: TillConfig, path: Path) -> int:
    """Run as the file at `path` says, until SIGTERM or SIGINT; raises ComptoirError when it cannot start."""
    log.configure(config.log.level)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    asyncio.run(run(config, path))
    return 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rooms:
    """What is open."""

    config: TillConfig
    clock: SystemClock
    identity: Identity
    renewal: Renewal
    database: Database
    replica: Replica
    live: Live
    desks: Desks
    prints: PrintDesk
    conversation: Conversation
    reads: EventQueue
    readers: Readers
    simulated: tuple[SimulatedTaps, ...]
    broken: asyncio.Event
    """Set when the database file itself is found damaged."""


async def run(config: TillConfig, path: Path) -> None:
    """Open the rooms, say that they are, and stay until asked to stop."""
    supervisor = Supervisor()
    state = Path(config.till.state_directory)
    with taken(state):
        identity = load_identity(state)
        if identity is None:
            raise OperatorMistake(f"this till is not enrolled ({state}): run `comptoir till enrol CODE --hub HOST`")
        async with until_stopped(supervisor) as stop, _open_store(config, state, identity) as (database, replica):
            rooms = _furnish(config, Renewal(state, identity), database, replica)
            async with _serve(rooms, state, Examination(path)):
                await _work(rooms, supervisor, stop)


def _open_store(
    config: TillConfig, state: Path, identity: Identity
) -> AbstractAsyncContextManager[tuple[Database, Replica]]:
    key = read_store_key(config.store)
    here = machine_facts(identity.chain, Path(config.till.machine_root), state)
    return open_store(state / DATABASE, key.reveal() if key else None, identity, SystemClock(), here)


def _furnish(config: TillConfig, renewal: Renewal, database: Database, replica: Replica) -> Rooms:
    clock, live, identity = SystemClock(), Live(), renewal.identity
    customs = Customs(card_prefixes=config.cards.prefixes)
    replica.audit_key = audit.key_from(identity.pin_key)
    premises = Premises(database=database, replica=replica, clock=clock, announce=live.publish, customs=customs)
    prints = PrintDesk(printers(config, clock), StoredPrintJobs(database), partial(_tell_print_job, live), clock)
    chain_name = config.badge.chain_name or identity.chain
    desks = furnish(
        premises,
        pin_key=identity.pin_key,
        prints=prints if prints.printers else None,
        manner=print_manner(config, chain_name),
        ask=(inquiries := Inquiries(clock)).ask,
    )
    reads = EventQueue()
    built = readers(config, clock)
    keeper = Readers(built, reads, clock)
    conversation = Conversation(
        database=database,
        replica=replica,
        connect=mqtt.connect,
        settings=partial(_link_settings, config, renewal),
        clock=clock,
        on_applied=partial(_tell_applied, live),
        on_state=lambda state: live.publish(Event.REPLICATION, _shown(state, renewal)),
        facts=lambda: device_facts(
            keeper.healths(), outputs(prints.healths(), desks.displays.healths(), desks.printouts.drawer)
        ),
        renewal=renewal,
        inquiries=inquiries,
    )
    database.on_write(conversation.recorded)
    database.on_damage(conversation.damaged)
    broken = asyncio.Event()
    database.on_broken(partial(_mark_broken, database.path, broken))
    database.on_commit(lambda: live.forget_soon(replica.take_erased()))
    return Rooms(
        config=config,
        clock=clock,
        identity=identity,
        renewal=renewal,
        database=database,
        replica=replica,
        live=live,
        desks=desks,
        prints=prints,
        conversation=conversation,
        reads=reads,
        readers=keeper,
        simulated=simulated(built, config),
        broken=broken,
    )


@asynccontextmanager
async def _serve(rooms: Rooms, state: Path, examine: Examination) -> AsyncIterator[None]:
    parts = WebParts(
        desks=rooms.desks,
        live=rooms.live,
        clock=rooms.clock,
        secret=web_secret(state),
        link=lambda: _shown(rooms.conversation.state(), rooms.renewal),
        clock_doubt=WatchedClock(rooms.replica, rooms.clock).doubt,
        examine=examine,
        retry=rooms.conversation.retry,
        devices=lambda: shown_devices(rooms.readers.healths()),
        simulated=rooms.simulated,
        version=VERSION,
    )
    place = Place(
        chain=rooms.config.badge.chain_name or rooms.identity.chain,
        site=int(rooms.identity.site),
        language=rooms.config.till.language,
    )
    http, parts = rooms.config.http, replace(parts, pages=till_pages(parts, place))
    async with serve_web(build_app(parts), Listening(host=http.host, port=http.port, socket=rooms.config.socket)) as at:
        event(logger, "serving", port=at.port)
        yield


async def _work(rooms: Rooms, supervisor: Supervisor, stop: asyncio.Event) -> None:
    """Everything that goes on by itself; one that ends with an error ends the process."""
    async with hot_plug(partial(_plugged_in, rooms)) as why_not, asyncio.TaskGroup() as tasks:
        if why_not:
            event(logger, "hot-plug-unavailable", logging.WARNING)
        running = [
            tasks.create_task(rooms.conversation.run(), name="conversation with head office"),
            tasks.create_task(follow_kernel_clock(rooms.database, rooms.replica, rooms.clock), name="kernel clock"),
            tasks.create_task(rooms.readers.run(), name="readers"),
            tasks.create_task(follow_readers(rooms.reads, rooms.desks.scans, rooms.live.publish), name="reads"),
            tasks.create_task(rooms.prints.run(), name="printers"),
            tasks.create_task(_visits(rooms.desks).tend(), name="old visits"),
            tasks.create_task(_taking(rooms.desks).tend(), name="late awards"),
            tasks.create_task(rooms.desks.audit.tend(), name="old acts"),
            tasks.create_task(keep_erased_out(rooms.database, rooms.clock), name="erased customers"),
            tasks.create_task(_end_when_broken(rooms), name="damaged file"),
            tasks.create_task(forget_damaged(rooms.database, rooms.clock), name="replaced file"),
            tasks.create_task(rooms.desks.imports.run(), name="imports"),
            tasks.create_task(feed_watchdog(supervisor, partial(_is_alive, rooms), rooms.clock), name="watchdog"),
        ]
        supervisor.ready(f"site {rooms.identity.site} of {rooms.identity.chain}")
        event(logger, "ready", site=int(rooms.identity.site))
        await stop.wait()
        for task in running:
            task.cancel()


def _plugged_in(rooms: Rooms, candidate: Candidate) -> None:
    """Whoever may be meant tries at once."""
    rooms.readers.wake(candidate)
    for printer in plugged(rooms.config, candidate):
        rooms.prints.printer_appeared(printer)


def _mark_broken(path: Path, broken: asyncio.Event, fault: DamagedFile) -> None:
    """The next start replaces the database, however this process ends."""
    if not broken.is_set():
        broken.set()
        damage.mark(path, str(fault))


async def _end_when_broken(rooms: Rooms) -> None:
    """End the process when the database file is found damaged: systemd starts it anew, on what can be salvaged."""
    await rooms.broken.wait()
    raise DamagedFile(f"the database {rooms.database.path.name} is damaged: starting anew with what can be salvaged")


def _visits(desks: Desks) -> VisitDesk:
    assert desks.visits is not None, "a till has lanes"
    return desks.visits


def _taking(desks: Desks) -> TicketTakingDesk:
    assert desks.ticket_taking is not None, "a till has lanes"
    return desks.ticket_taking


async def _is_alive(rooms: Rooms) -> bool:
    """The loop turns and the database answers."""

    def unit(conn: Connection) -> bool:
        return conn.execute("SELECT 1").fetchone() is not None

    return await rooms.database.read(unit)


def _link_settings(config: TillConfig, renewal: Renewal) -> LinkSettings:
    """Where the broker is: as enrolment said, unless the configuration says otherwise."""
    identity, time = renewal.current(), partial(known_time, renewal.validity)
    topics, link = Topics(identity.chain), config.link
    if link.tls is False:
        tls = None
    elif link.certificate and link.key and link.ca:
        paths = {"authority": Path(link.ca), "certificate": Path(link.certificate), "key": Path(link.key)}
        tls = client_tls(**paths, time=time)
    else:
        tls = identity.tls(time)
    return LinkSettings(
        host=link.host or identity.broker_host,
        port=link.port or identity.broker_port,
        client_id=str(identity.site),
        tls=tls,
        subscriptions=topics.heard_by_till(identity.site, identity.shop),
        will=Will(topic=topics.presence(identity.site), payload=b"0", expiry_s=PRESENCE_EXPIRY_S),
    )


def _tell_print_job(live: Live, told: PrintJobChanged) -> None:
    live.publish(Event.PRINT_JOB, event_of(told))


def _tell_applied(live: Live, frame: Frame) -> None:
    for entity in entities_of(frame):
        live.publish(Event.CUSTOMER, CustomerChanged(id=entity.hex()))


def _shown(state: LinkState, renewal: Renewal) -> LinkShown:
    detail = "not equal to head office" if state.unequal else f"{state.behind} behind" if state.behind else ""
    return LinkShown(
        online=state.phase == Phase.LIVE.value,
        since=instant.shown(state.since_ms),
        detail=detail,
        behind=state.behind,
        is_unequal=state.unequal,
        certificate_until=instant.shown(renewal.validity.not_after_ms),
        fill=_fill(state),
        last_error=state.lost,
        last_error_at=instant.shown(state.lost_ms) if state.lost_ms else None,
    )


def _fill(state: LinkState) -> FillShown | None:
    if state.fills_history:
        history = PassShown(rows=state.filled, total=state.to_fill)
        return FillShown(rows=state.served, total=state.served, history=history)
    return FillShown(rows=state.filled, total=state.to_fill) if state.to_fill else None
