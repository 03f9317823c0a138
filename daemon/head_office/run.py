"""Runs head office: the composition root. Every room is opened in order, and closed in reverse at the end."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from daemon import log
from daemon.clock import SystemClock, random_bytes
from daemon.config import HubConfig, read_store_key
from daemon.desk import instant
from daemon.desk.condition import LinkShown
from daemon.desk.customer_fields import Customs
from daemon.desk.desks import Desks, furnish
from daemon.desk.events import Event
from daemon.desk.premises import Premises
from daemon.domain import audit
from daemon.domain.ids import HUB_SITE
from daemon.errors import OperatorMistake
from daemon.head_office.answers import answer
from daemon.head_office.conversation import Conversation
from daemon.head_office.duplicates import find_duplicates
from daemon.head_office.founding import DATABASE, enrolment_office, keys
from daemon.head_office.housekeeping import keep_feed_short
from daemon.head_office.roster import ShownFleet
from daemon.hub.chain_keys import ChainKeys
from daemon.hub.coupons_due import keep_issuing
from daemon.hub.enrolment import EnrolmentOffice
from daemon.hub.expiring import keep_expiring
from daemon.hub.fleet import Fleet
from daemon.hub.forgetting import keep_forgetting
from daemon.hub.warden import keep_minding
from daemon.journal import event
from daemon.lifecycle import Supervisor, feed_watchdog, until_stopped
from daemon.state_directory import taken, web_secret
from daemon.store import following
from daemon.store.ballast import BYTES
from daemon.store.compacting import keep_erased_out
from daemon.store.database import Connection, Database, open_database
from daemon.store.replica import Replica, read_identity
from daemon.sync import mqtt
from daemon.sync.link import LinkSettings, Will
from daemon.sync.topics import Topics
from daemon.tls import client_tls, server_tls
from daemon.version import VERSION
from daemon.web.enrol_app import build_enrol_app
from daemon.web.live import Live
from daemon.web.office_page import office_pages
from daemon.web.parts import WebParts
from daemon.web.server import Listening, build_app
from daemon.web.server import serve as serve_web
from daemon.web.surface import Place

logger = logging.getLogger(__name__)

SWITCH_INTERVAL_S: Final = 0.0001
PRESENCE_EXPIRY_S: Final = 24 * 3600


def main(config: HubConfig) -> int:
    """Run until SIGTERM or SIGINT; raises ComptoirError in one sentence when it cannot start."""
    log.configure(config.log.level)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    asyncio.run(run(config))
    return 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rooms:
    """What is open."""

    config: HubConfig
    clock: SystemClock
    database: Database
    replica: Replica
    keys: ChainKeys
    office: EnrolmentOffice
    fleet: Fleet
    live: Live
    desks: Desks
    conversation: Conversation


async def run(config: HubConfig) -> None:
    """Open the rooms, say that they are, and stay until asked to stop."""
    supervisor = Supervisor()
    state = Path(config.hub.state_directory)
    with taken(state):
        async with until_stopped(supervisor) as stop, _open_store(config, state) as (database, replica):
            rooms = _furnish(config, database, replica)
            for site in await rooms.office.recall_withdrawn():
                event(logger, "withdrawn-since-the-backup", logging.WARNING, site=site)
            await rooms.office.announce(rooms.clock.now_ms())
            await rooms.fleet.tell_labels()
            async with _serve(rooms, state):
                await _work(rooms, supervisor, stop)


def _begin(conn: Connection, *, replica: Replica) -> None:
    """Read who we are; apply what an older version of this program had to park."""
    replica.reload(conn)
    following.unpark(conn, replica)


@asynccontextmanager
async def _open_store(config: HubConfig, state: Path) -> AsyncIterator[tuple[Database, Replica]]:
    path, key = state / DATABASE, read_store_key(config.store)
    raw = key.reveal() if key else None
    if not path.exists():
        raise OperatorMistake(f"there is no hub in {state}: run `comptoir hub init --chain NAME`")
    async with open_database(path, key=raw, ballast_bytes=BYTES) as database:
        if await database.read(read_identity) is None:
            raise OperatorMistake(f"the hub in {state} was never set up: run `comptoir hub init --chain NAME`")
        replica = Replica(random_bytes(8))
        await database.write_in_turn(partial(_begin, replica=replica))
        database.on_rollback(replica.reload)
        yield database, replica


def _furnish(config: HubConfig, database: Database, replica: Replica) -> Rooms:
    clock, live = SystemClock(), Live()
    chain = replica.identity.chain
    chain_keys = keys(config, chain, may_create=False)
    replica.audit_key = audit.key_from(chain_keys.pin_key)
    premises = Premises(database=database, replica=replica, clock=clock, announce=live.publish, customs=Customs())
    office = enrolment_office(config, database, chain, chain_keys)
    conversation = Conversation(
        database=database,
        replica=replica,
        connect=mqtt.connect,
        settings=partial(_link_settings, config, chain, chain_keys),
        clock=clock,
        on_taken=lambda taken_in: live.publish(Event.REPLICATION, {"site": taken_in.site}),
        on_roster=lambda: live.publish(Event.REPLICATION, {}),
        renew=office.renew,
        answer=partial(answer, premises),
    )
    database.on_write(conversation.recorded)
    database.on_damage(conversation.damaged)
    database.on_commit(lambda: live.forget_soon(replica.take_erased()))
    return Rooms(
        config=config,
        clock=clock,
        database=database,
        replica=replica,
        keys=chain_keys,
        office=office,
        fleet=Fleet(database, office, clock, replica, conversation.recall),
        live=live,
        desks=furnish(premises, pin_key=chain_keys.pin_key),
        conversation=conversation,
    )


@asynccontextmanager
async def _serve(rooms: Rooms, state: Path) -> AsyncIterator[None]:
    http, enrol = rooms.config.http, rooms.config.enrol
    parts = WebParts(
        desks=rooms.desks,
        live=rooms.live,
        clock=rooms.clock,
        secret=web_secret(state),
        link=partial(_shown, rooms.conversation, instant.shown(rooms.keys.first_end_ms())),
        roster=ShownFleet(rooms.fleet),
        version=VERSION,
    )
    hub, chain = rooms.config.hub, rooms.replica.identity.chain
    place = Place(chain=hub.chain_name or chain, site=int(HUB_SITE), language=hub.language)
    parts = replace(parts, pages=office_pages(parts, place))
    tls = server_tls(rooms.keys.server_file)

    async def knock(body: bytes, now_ms: int, caller: str) -> tuple[int, bytes]:
        answer = await rooms.office.enrol(body, now_ms, caller=caller)
        await rooms.fleet.settle_labels()
        return answer

    async with AsyncExitStack() as doors:
        where = Listening(host=http.host, port=http.port, socket=rooms.config.socket)
        api = await doors.enter_async_context(serve_web(build_app(parts), where))
        door = await doors.enter_async_context(
            serve_web(build_enrol_app(knock, rooms.clock), Listening(host=enrol.host, port=enrol.port, tls=tls))
        )
        event(logger, "serving", port=api.port, enrol_port=door.port)
        yield


async def _work(rooms: Rooms, supervisor: Supervisor, stop: asyncio.Event) -> None:
    """Everything that goes on by itself; one that ends with an error ends the process."""
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(rooms.conversation.run(), name="conversation with the tills"),
            tasks.create_task(
                keep_feed_short(rooms.database, rooms.clock, days=rooms.config.hub.feed_days), name="old records"
            ),
            tasks.create_task(rooms.desks.audit.tend(), name="old acts"),
            tasks.create_task(keep_erased_out(rooms.database, rooms.clock), name="erased customers"),
            tasks.create_task(keep_minding(rooms.database, rooms.replica, rooms.clock), name="rights to hand out"),
            tasks.create_task(keep_expiring(rooms.database, rooms.replica, rooms.clock), name="old points"),
            tasks.create_task(keep_issuing(rooms.database, rooms.replica, rooms.clock), name="birthday coupons"),
            tasks.create_task(keep_forgetting(rooms.database, rooms.replica, rooms.clock), name="old tickets"),
            tasks.create_task(rooms.desks.imports.run(), name="imports"),
            tasks.create_task(find_duplicates(rooms.database, rooms.clock), name="likely duplicates"),
            tasks.create_task(feed_watchdog(supervisor, partial(_is_alive, rooms), rooms.clock), name="watchdog"),
        ]
        supervisor.ready(f"hub of {rooms.replica.identity.chain}")
        event(logger, "ready")
        await stop.wait()
        for task in running:
            task.cancel()


async def _is_alive(rooms: Rooms) -> bool:
    """The loop turns and the database answers."""

    def unit(conn: Connection) -> bool:
        return conn.execute("SELECT 1").fetchone() is not None

    return await rooms.database.read(unit)


def _shown(conversation: Conversation, certificate_until: str) -> LinkShown:
    return LinkShown(online=conversation.is_linked, certificate_until=certificate_until)


def _link_settings(config: HubConfig, chain: str, chain_keys: ChainKeys) -> LinkSettings:
    topics, broker = Topics(chain), config.broker
    tls = client_tls(authority=chain_keys.authority_file, certificate=chain_keys.hub_file) if broker.tls else None
    return LinkSettings(
        host=broker.host,
        port=broker.port,
        client_id=str(HUB_SITE),
        tls=tls,
        subscriptions=topics.heard_by_hub(),
        will=Will(topic=topics.presence(HUB_SITE), payload=b"0", expiry_s=PRESENCE_EXPIRY_S),
        window=1024,
        unacknowledged_max=4096,
    )
