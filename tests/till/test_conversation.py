"""The line to head office: opened again by itself with a back-off, and at once when somebody asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from daemon.errors import PeerFault
from daemon.store.database import Connection, open_database
from daemon.store.replica import Identity, Replica, write_identity
from daemon.sync.link import Link, LinkSettings
from daemon.till.conversation import RECONNECT, Conversation
from tests.fakes.stepped_clock import SteppedClock, settle


async def test_a_line_that_is_down_is_tried_at_once_when_somebody_asks(tmp_path: Path) -> None:
    tried: list[LinkSettings] = []

    @asynccontextmanager
    async def connect(settings: LinkSettings) -> AsyncIterator[Link]:
        tried.append(settings)
        raise PeerFault("the broker does not answer")
        yield

    async with open_database(tmp_path / "till.db") as database:
        replica, clock = Replica(b"bootboot"), SteppedClock()

        def begin(conn: Connection) -> None:
            write_identity(conn, Identity(chain="c", site=2, shop=1, incarnation=7, lot=b"lotlotlo"))
            replica.reload(conn)

        await database.write(begin)
        settings = LinkSettings(host="localhost", port=1883, client_id="2", tls=None, subscriptions=(), will=None)
        talk = Conversation(
            database=database,
            replica=replica,
            connect=connect,
            settings=lambda: settings,
            clock=clock,
            on_applied=lambda _: None,
            on_state=lambda _: None,
        )
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(talk.run(), name="conversation")
            await settle()
            assert len(tried) == 1
            assert (talk.state().lost, talk.state().lost_ms > 0) == ("the broker does not answer", True)
            talk.retry()
            await settle()
            assert len(tried) == 2
            await settle()
            assert len(tried) == 2, "who asked once is heard once"
            await clock.advance(RECONNECT.max_s)
            assert len(tried) >= 3
            running.cancel()
