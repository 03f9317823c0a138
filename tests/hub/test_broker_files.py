"""The files that the hub writes, and what a real mosquitto makes of them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from daemon import certificates
from daemon.certificates import KeyPair, Revocation
from daemon.clock import SystemClock
from daemon.domain.ids import HUB_SITE, ShopId, SiteId
from daemon.errors import PeerFault, StoreFault
from daemon.hub.broker_files import ACCESS, CONFIGURATION, GENERATION, REVOKED, SERVER, BrokerFiles, Listener
from daemon.hub.enrolment import Seat
from daemon.sync.link import Link, LinkSettings, Will
from daemon.sync.mqtt import connect
from daemon.sync.topics import Topics
from daemon.tls import client_tls
from tests.fakes.mosquitto import Mosquitto, free_port, running_mosquitto

NOW_MS = SystemClock().now_ms()
TOPICS = Topics("essai")
PARIS, LYON = ShopId(75), ShopId(69)
ANNE, BRUNO, CARLA = (
    Seat(site=SiteId(2), shop=PARIS),
    Seat(site=SiteId(3), shop=PARIS),
    Seat(site=SiteId(4), shop=LYON),
)
SEATS = (ANNE, BRUNO, CARLA)
AT_ONCE_S = 2.0
SILENCE_S = 0.3


@pytest.fixture(scope="module")
def authority() -> KeyPair:
    return certificates.create_authority("essai", NOW_MS)


@pytest.fixture
def files(tmp_path: Path, authority: KeyPair) -> BrokerFiles:
    server = certificates.issue_server(authority, ["127.0.0.1", "localhost"], NOW_MS)
    listener = Listener(host="127.0.0.1", port=free_port())
    return BrokerFiles(tmp_path / "broker", chain="essai", listener=listener, authority=authority, server=server)


def everything(files: BrokerFiles) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files.directory.iterdir()}


# What is written.


def test_the_access_list_gives_each_till_its_own_lines(files: BrokerFiles) -> None:
    files.write([CARLA], [], NOW_MS)
    hub, till = (files.directory / ACCESS).read_text().split("\n\n")[1:]
    assert hub.splitlines() == [
        "user 1",
        "topic read c1/essai/up/+",
        "topic read c1/essai/st/+",
        "topic write c1/essai/dn/+",
        "topic write c1/essai/feed/#",
        "topic write c1/essai/st/1",
    ]
    assert till.splitlines() == [
        "user 4",
        "topic read c1/essai/dn/4",
        "topic read c1/essai/feed/all",
        "topic read c1/essai/feed/shop/69",
        "topic read c1/essai/feed/site/4",
        "topic read c1/essai/st/1",
        "topic write c1/essai/up/4",
        "topic write c1/essai/st/4",
    ]


def test_nothing_is_written_when_nothing_changed(files: BrokerFiles) -> None:
    revoked = [Revocation(serial="ab", revoked_ms=NOW_MS)]
    assert files.write(SEATS, revoked, NOW_MS)
    before = everything(files)
    assert not files.write(SEATS, revoked, NOW_MS + 1000)
    assert everything(files) == before


@pytest.mark.parametrize(("seats", "serials"), [(SEATS[:2], ["ab"]), (SEATS, []), (SEATS, ["ab", "cd"])])
def test_the_generation_changes_with_a_till_and_with_a_revocation(
    files: BrokerFiles, seats: tuple[Seat, ...], serials: list[str]
) -> None:
    files.write(SEATS, [Revocation(serial="ab", revoked_ms=NOW_MS)], NOW_MS)
    before = (files.directory / GENERATION).read_bytes()
    assert files.write(seats, [Revocation(serial=serial, revoked_ms=NOW_MS) for serial in serials], NOW_MS)
    assert (files.directory / GENERATION).read_bytes() != before


def test_a_write_that_a_crash_cut_short_is_done_again(files: BrokerFiles) -> None:
    files.write(SEATS[:2], [], NOW_MS)
    old_generation = (files.directory / GENERATION).read_bytes()
    files.write(SEATS, [], NOW_MS)
    complete = everything(files)
    (files.directory / GENERATION).write_bytes(old_generation)
    (files.directory / ACCESS).unlink()
    assert files.write(SEATS, [], NOW_MS)
    assert everything(files).keys() == complete.keys()
    assert everything(files)[ACCESS] == complete[ACCESS]


def test_the_brokers_group_may_read_and_nobody_else(files: BrokerFiles) -> None:
    files.write(SEATS, [], NOW_MS)
    modes = {path.name: path.stat().st_mode & 0o777 for path in files.directory.iterdir()}
    assert modes[SERVER] == modes[ACCESS] == modes[REVOKED] == 0o640


def test_the_list_of_what_was_revoked_is_read_back_and_only_ours_is_believed(files: BrokerFiles) -> None:
    assert files.listed() == ()
    gone = (Revocation(serial="1f", revoked_ms=NOW_MS // 1000 * 1000), Revocation(serial="ab", revoked_ms=0))
    files.write(SEATS, gone, NOW_MS)
    assert sorted(files.listed(), key=lambda one: one.serial) == list(gone)
    foreign = certificates.create_authority("another", NOW_MS)
    for raw in (certificates.revocation_list(foreign, gone, NOW_MS), b"no list"):
        (files.directory / REVOKED).write_bytes(raw)
        assert files.listed() == ()


def test_a_directory_that_cannot_be_used_is_named(files: BrokerFiles) -> None:
    files.directory.write_text("a file where the directory should be")
    with pytest.raises(StoreFault, match="broker cannot be read"):
        files.write(SEATS, [], NOW_MS)


# What mosquitto makes of it.


@dataclass
class Chain:
    """A running broker on the hub's files, and keys for everybody who may try."""

    broker: Mosquitto
    files: BrokerFiles
    authority: KeyPair
    directory: Path

    def certify(self, name: str, authority: KeyPair | None = None) -> KeyPair:
        key_pem = certificates.new_key()
        request = certificates.signing_request(key_pem, name)
        certificate_pem = certificates.issue_client(authority or self.authority, request, name, NOW_MS)
        return KeyPair(key_pem=key_pem, certificate_pem=certificate_pem)

    def settings(self, site: SiteId, pair: KeyPair, *subscriptions: str) -> LinkSettings:
        pair_file = self.directory / f"{certificates.facts(pair.certificate_pem).serial}.pem"
        pair_file.write_bytes(pair.joined())
        authority_file = self.directory / "authority.crt"
        authority_file.write_bytes(self.authority.certificate_pem)
        tls = client_tls(authority=authority_file, certificate=pair_file)
        will = Will(topic=TOPICS.presence(site), payload=b"", expiry_s=60)
        return LinkSettings(
            host="127.0.0.1",
            port=self.broker.port,
            client_id=str(site),
            tls=tls,
            subscriptions=subscriptions,
            will=will,
        )

    @asynccontextmanager
    async def hub(self) -> AsyncIterator[Link]:
        async with connect(self.settings(HUB_SITE, self.certify("1"), *TOPICS.heard_by_hub())) as link:
            yield link

    @asynccontextmanager
    async def till(self, seat: Seat, pair: KeyPair | None = None) -> AsyncIterator[Link]:
        heard = TOPICS.heard_by_till(seat.site, seat.shop)
        async with connect(self.settings(seat.site, pair or self.certify(str(seat.site)), *heard)) as link:
            yield link


@pytest.fixture
def chain(tmp_path: Path, files: BrokerFiles, authority: KeyPair) -> Iterator[Chain]:
    files.write(SEATS, [], NOW_MS)
    configuration = (files.directory / CONFIGURATION).read_text()
    port = int(configuration.partition("listener ")[2].partition(" ")[0])
    with running_mosquitto(tmp_path, configuration, port) as broker:
        yield Chain(broker, files, authority, tmp_path)


async def heard(link: Link) -> list[str]:
    """The topics of all that arrives until nothing does."""
    topics = []
    try:
        while True:
            async with asyncio.timeout(SILENCE_S):
                message = await anext(link.incoming)
            message.ack()
            topics.append(message.topic)
    except TimeoutError:
        return topics


@pytest.mark.needs("mosquitto")
async def test_a_till_and_the_hub_talk_over_mutual_tls(chain: Chain) -> None:
    async with chain.hub() as hub, chain.till(ANNE) as till:
        await till.publish(TOPICS.presence(ANNE.site), b"here", retain=True, expiry_s=60)
        await till.publish(TOPICS.up(ANNE.site), b"batch", expiry_s=60)
        assert await heard(hub) == ["c1/essai/st/2", "c1/essai/up/2"]
        for topic in TOPICS.heard_by_till(ANNE.site, ANNE.shop):
            await hub.publish(topic, b"frame", expiry_s=60)
        assert sorted(await heard(till)) == sorted(TOPICS.heard_by_till(ANNE.site, ANNE.shop))


@pytest.mark.needs("mosquitto")
async def test_a_till_never_hears_another_shop_nor_another_till(chain: Chain) -> None:
    async with chain.hub() as hub, chain.till(CARLA) as till:
        for topic in (*TOPICS.heard_by_till(ANNE.site, ANNE.shop), *TOPICS.heard_by_till(BRUNO.site, BRUNO.shop)):
            await hub.publish(topic, b"frame", expiry_s=60)
        assert set(await heard(till)) == {"c1/essai/feed/all", "c1/essai/st/1"}


@pytest.mark.needs("mosquitto")
async def test_a_subscription_to_what_is_not_ours_delivers_nothing(chain: Chain) -> None:
    nosy = chain.settings(
        CARLA.site, chain.certify("4"), "c1/essai/up/+", "c1/essai/dn/2", "c1/essai/feed/shop/75", "#"
    )
    async with chain.hub() as hub, chain.till(ANNE) as till, connect(nosy) as ear:
        await till.publish(TOPICS.up(ANNE.site), b"batch", expiry_s=60)
        await hub.publish(TOPICS.down(ANNE.site), b"answer", expiry_s=60)
        await hub.publish(TOPICS.feed_shop(PARIS), b"frame", expiry_s=60)
        await hub.publish(TOPICS.feed_all(), b"frame", expiry_s=60)
        # Of "#" only what its lines allow comes through.
        assert await heard(ear) == ["c1/essai/feed/all"]


@pytest.mark.needs("mosquitto")
@pytest.mark.parametrize("topic", ["c1/essai/up/3", "c1/essai/st/3", "c1/essai/dn/2", "c1/essai/feed/all", "elsewhere"])
async def test_a_publish_to_what_is_not_ours_is_refused_by_name(chain: Chain, topic: str) -> None:
    async with chain.till(ANNE) as till:
        with pytest.raises(PeerFault, match=f"refused a message for {topic} with 0x87"):
            await till.publish(topic, b"forged", expiry_s=60)
        await till.publish(TOPICS.up(ANNE.site), b"honest", expiry_s=60)


@pytest.mark.needs("mosquitto")
async def test_the_client_id_is_the_certificates_name_so_that_no_till_kicks_another_off(chain: Chain) -> None:
    impostor = replace(chain.settings(BRUNO.site, chain.certify("3"), "c1/essai/feed/all"), client_id="2", will=None)
    async with chain.hub() as hub, chain.till(ANNE) as victim, connect(impostor):
        await hub.publish(TOPICS.feed_all(), b"frame", expiry_s=60)
        assert await heard(victim) == ["c1/essai/feed/all"]


@pytest.mark.needs("mosquitto")
async def test_without_a_certificate_nobody_comes_in(chain: Chain) -> None:
    tls = ssl.create_default_context(cafile=chain.files.directory / "authority.crt")
    await refused(replace(chain.settings(ANNE.site, chain.certify("2")), tls=tls), "certificate required")


@pytest.mark.needs("mosquitto")
async def test_a_home_made_certificate_of_the_same_name_is_refused(chain: Chain) -> None:
    own_authority = certificates.create_authority("essai", NOW_MS)
    await refused(chain.settings(ANNE.site, chain.certify("2", own_authority)), "unknown ca")


@pytest.mark.needs("mosquitto")
async def test_a_certificate_that_has_run_out_is_refused(chain: Chain) -> None:
    key_pem = certificates.new_key()
    long_ago_ms = NOW_MS - 3 * 365 * 86_400_000
    request = certificates.signing_request(key_pem, "2")
    outdated = certificates.issue_client(chain.authority, request, "2", long_ago_ms)
    await refused(chain.settings(ANNE.site, KeyPair(key_pem=key_pem, certificate_pem=outdated)), "certificate expired")


@pytest.mark.needs("mosquitto")
async def test_a_broker_of_another_chain_is_not_believed(chain: Chain, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.crt"
    foreign.write_bytes(certificates.create_authority("essai", NOW_MS).certificate_pem)
    pair_file = tmp_path / "pair.pem"
    pair_file.write_bytes(chain.certify("2").joined())
    tls = client_tls(authority=foreign, certificate=pair_file)
    await refused(replace(chain.settings(ANNE.site, chain.certify("2")), tls=tls), "CERTIFICATE_VERIFY_FAILED")


@pytest.mark.needs("mosquitto")
async def test_a_withdrawn_till_hears_nothing_more_and_cannot_come_back(chain: Chain) -> None:
    pair = chain.certify("2")
    gone = Revocation(serial=certificates.facts(pair.certificate_pem).serial, revoked_ms=NOW_MS)
    async with chain.hub() as hub, chain.till(ANNE, pair) as stolen, chain.till(BRUNO) as honest:
        await hub.publish(TOPICS.feed_all(), b"before", expiry_s=60)
        assert await heard(stolen) == ["c1/essai/feed/all"]

        chain.files.write([BRUNO, CARLA], [gone], NOW_MS)
        chain.broker.reload()

        for topic in (TOPICS.feed_all(), TOPICS.down(ANNE.site), TOPICS.feed_shop(PARIS)):
            await hub.publish(topic, b"after", expiry_s=60)
        assert await heard(stolen) == []
        with pytest.raises(PeerFault, match="0x87"):
            await stolen.publish(TOPICS.up(ANNE.site), b"forged", expiry_s=60)
        assert await heard(honest) == ["c1/essai/feed/all"] * 2 + ["c1/essai/feed/shop/75"]
    await refused(chain.settings(ANNE.site, pair), "certificate revoked")
    async with chain.till(BRUNO) as again:
        await again.publish(TOPICS.up(BRUNO.site), b"batch", expiry_s=60)


@pytest.mark.needs("mosquitto")
async def test_a_till_enrolled_while_the_broker_runs_is_known_after_a_reload(chain: Chain) -> None:
    newcomer = Seat(site=SiteId(5), shop=LYON)
    async with chain.hub() as hub, chain.till(newcomer) as early:
        with pytest.raises(PeerFault, match="0x87"):
            await early.publish(TOPICS.up(newcomer.site), b"batch", expiry_s=60)
        chain.files.write([*SEATS, newcomer], [], NOW_MS)
        chain.broker.reload()
        await early.publish(TOPICS.up(newcomer.site), b"batch", expiry_s=60)
        await hub.publish(TOPICS.feed_all(), b"frame", expiry_s=60)
        assert "c1/essai/feed/all" in await heard(early)


async def refused(settings: LinkSettings, reason: str) -> None:
    """The broker does not let us in, at once, and says why.

    In TLS 1.3 it says so after the handshake, and closes: on a busy machine the close may overtake what it said.
    """
    clock, said = SystemClock(), ""
    for _ in range(5):
        before_s = clock.monotonic_s()
        with pytest.raises(PeerFault, match="does not let us in: ") as fault:
            async with connect(settings):
                pass
        assert clock.monotonic_s() - before_s < AT_ONCE_S
        said = str(fault.value)
        if "EOF occurred" not in said and "reset by peer" not in said:
            break
    assert reason in said
