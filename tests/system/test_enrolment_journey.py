"""From a code read out over the telephone to a till that talks, and to a stolen one that no longer does.

Real TLS, real mosquitto, real files; only the few lines of HTTP around the hub's answer are a fake's.
"""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.domain.ids import HUB_SITE, ShopId
from daemon.errors import OperatorMistake, PeerFault
from daemon.hub.broker_files import CONFIGURATION, BrokerFiles, Listener
from daemon.hub.chain_keys import ChainKeys, Names, open_chain_keys
from daemon.hub.enrolment import EnrolmentOffice, Terms
from daemon.store.database import open_database
from daemon.sync.enrol_client import HeadOffice, enrol
from daemon.sync.identity import Identity
from daemon.sync.link import LinkSettings
from daemon.sync.mqtt import connect
from daemon.sync.topics import Topics
from daemon.tls import client_tls, server_tls
from tests.fakes.enrol_server import serving_enrolment
from tests.fakes.mosquitto import free_port, running_mosquitto

TOPICS = Topics("essai")
PARIS = ShopId(75)


def till_link(identity: Identity) -> LinkSettings:
    return LinkSettings(
        host=identity.broker_host,
        port=identity.broker_port,
        client_id=str(identity.site),
        tls=identity.tls(),
        subscriptions=Topics(identity.chain).heard_by_till(identity.site, identity.shop),
    )


def hub_link(keys: ChainKeys, port: int) -> LinkSettings:
    tls = client_tls(authority=keys.authority_file, certificate=keys.hub_file)
    heard = TOPICS.heard_by_hub()
    return LinkSettings(host="127.0.0.1", port=port, client_id=str(HUB_SITE), tls=tls, subscriptions=heard)


@pytest.mark.needs("mosquitto")
async def test_a_till_enrols_talks_and_is_withdrawn(tmp_path: Path) -> None:
    clock, port = SystemClock(), free_port()
    names = Names(chain="essai", server_hosts=["127.0.0.1"], broker_hosts=["127.0.0.1"])
    keys = open_chain_keys(tmp_path / "keys", names, clock.now_ms(), may_create=True)
    files = BrokerFiles(
        tmp_path / "broker",
        chain="essai",
        listener=Listener(host="127.0.0.1", port=port),
        authority=keys.authority,
        server=keys.broker,
    )
    terms = Terms(chain="essai", broker_host="127.0.0.1", broker_port=port, pin_key=keys.pin_key)
    async with open_database(tmp_path / "hub.db") as database:
        office = EnrolmentOffice(
            database=database, authority=keys.authority, server=keys.server, terms=terms, access=files
        )
        await office.announce(clock.now_ms())
        configuration = (files.directory / CONFIGURATION).read_text()
        with running_mosquitto(tmp_path, configuration, port) as broker:
            code = await office.add_till(PARIS, clock.now_ms())
            answer = partial(office.enrol, now_ms=clock.now_ms())
            async with serving_enrolment(server_tls(keys.server_file), answer) as https:
                head_office = HeadOffice(host="127.0.0.1", port=https)
                identity = await asyncio.to_thread(enrol, head_office, code, tmp_path / "till")
                with pytest.raises(OperatorMistake, match="used already"):
                    await asyncio.to_thread(enrol, head_office, code, tmp_path / "thief")
            assert identity.pin_key == keys.pin_key
            broker.reload()

            async with connect(hub_link(keys, port)) as hub, connect(till_link(identity)) as till:
                await till.publish(TOPICS.up(identity.site), b"batch", expiry_s=60)
                assert (await anext(hub.incoming)).topic == f"c1/essai/up/{identity.site}"
                await hub.publish(TOPICS.feed_shop(PARIS), b"frame", expiry_s=60)
                assert (await anext(till.incoming)).payload == b"frame"

                await office.revoke(identity.site, clock.now_ms())
                broker.reload()

                await hub.publish(TOPICS.feed_shop(PARIS), b"secret", expiry_s=60)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.3):
                        await anext(till.incoming)
            with pytest.raises(PeerFault, match="does not let us in"):
                async with connect(till_link(identity)):
                    pass
