"""`comptoir till enrol`: every way to be interrupted, to be repeated, to be another till."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.cli.till_enrol import become, office_of
from daemon.domain.ids import ShopId, SiteId
from daemon.errors import Conflicting, OperatorMistake
from daemon.store.database import Connection, migrate, open_connection, run
from daemon.store.replica import Replica, read_identity
from daemon.sync.identity import Identity
from tests.fakes.head_office import Site, hub_in, running, till_in


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    conn = open_connection(path)
    try:
        migrate(conn)
        yield conn
    finally:
        conn.close()


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Site]:
    found = hub_in(tmp_path)
    await found.comptoir("hub", "init", "--chain", "essai", "--config", found.config)
    async with running(found, "hub"):
        yield found


async def new_code(hub: Site, shop: str = "1") -> str:
    made = await hub.comptoir("hub", "add-till", shop, "--json", "--config", hub.config)
    return str(made.json["code"])


@pytest.mark.feature("F3.2")
async def test_a_till_that_lost_power_before_its_database_knew_finishes_with_the_same_command(
    hub: Site, tmp_path: Path
) -> None:
    till, code = till_in(tmp_path), await new_code(hub)
    command = ("till", "enrol", code, "--hub", hub.enrol, "--config", till.config)
    assert (await till.comptoir(*command)).code == 0
    for left in till.state.glob("till.db*"):
        left.unlink()  # as if the power had gone between the certificate and the database
    again = await till.comptoir(*command)
    assert (again.code, again.err.splitlines()[0]) == (0, "Enrolled: till 2 of shop 1, chain essai.")
    with opened(till.state / "till.db") as conn:
        identity = read_identity(conn)
    assert identity is not None
    assert (identity.site, identity.shop, identity.chain) == (2, 1, "essai")


async def test_a_code_of_another_till_or_mistyped_is_refused_in_a_sentence(hub: Site, tmp_path: Path) -> None:
    code = await new_code(hub)
    first, second = till_in(tmp_path, "first"), till_in(tmp_path, "second")
    assert (await first.comptoir("till", "enrol", code, "--hub", hub.enrol, "--config", first.config)).code == 0
    used = await second.comptoir("till", "enrol", code, "--hub", hub.enrol, "--config", second.config)
    assert (used.code, used.err) == (1, "comptoir: this enrolment code was used already\n")
    french = second.comptoir.in_french()
    short = await french("till", "enrol", "ABCD", "--hub", hub.enrol, "--config", second.config)
    assert short.err == "comptoir: le code d’inscription a 32 lettres et chiffres, celui-ci en a 4\n"
    swapped = code[:-4] + ("AAAA" if code[-4:] != "AAAA" else "BBBB")
    other = await second.comptoir("till", "enrol", swapped, "--hub", hub.enrol, "--config", second.config)
    assert other.code == 1
    assert "is not the head office that wrote this code" in other.err
    nobody = await second.comptoir("till", "enrol", code, "--hub", "localhost:1", "--config", second.config)
    assert nobody.err.startswith("comptoir: head office does not answer at localhost:1: ")


async def test_a_withdrawn_till_comes_back_as_another_one_and_knows_its_customers(hub: Site, tmp_path: Path) -> None:
    till = till_in(tmp_path)
    config = ("--config", till.config)
    await till.comptoir("till", "enrol", await new_code(hub), "--hub", hub.enrol, *config)
    async with running(till, "till"):
        made = await till.comptoir("customers", "create", "--last-name", "Benali", "--surface", "import", *config)
        assert made.code == 0
        busy = await till.comptoir("till", "enrol", await new_code(hub), "--hub", hub.enrol, *config)
        assert busy.err == f"comptoir: another process works in {till.state}: stop it first\n"
    command = ("till", "enrol", await new_code(hub, "3"), "--hub", hub.enrol, *config)
    unsent = await till.comptoir(*command)
    assert (unsent.code, unsent.err.split(":")[1]) == (5, " 1 records of this till have not reached head office")
    joined = await till.comptoir(*command, "--abandon-unsent", "--json")
    assert (joined.json["site"], joined.json["shop"]) == (3, 3)
    async with running(till, "till"):
        found = await till.comptoir("sync", "status", "--json", *config)
        assert (found.json["site"], found.json["copy"]["waiting"]) == (3, 0)
        assert {feed["number"] for feed in found.json["feeds"] if feed["reach"] == "shop"} <= {3}


def test_a_database_of_another_chain_is_never_taken_over(tmp_path: Path) -> None:
    with opened(tmp_path / "till.db") as conn:
        run(conn, lambda c: become(c, identity("essai", 2), b"1"))
        first = read_identity(conn)
        run(conn, lambda c: become(c, identity("essai", 2), b"2"))
        assert read_identity(conn) == first, "the same till stays the holder that it is"
        with pytest.raises(Conflicting, match="belongs to the chain essai"):
            run(conn, lambda c: become(c, identity("autre", 2), b"3"))
        assert read_identity(conn) == first
        Replica(bytes(8)).reload(conn)


def identity(chain: str, site: int) -> Identity:
    return Identity(
        site=SiteId(site),
        shop=ShopId(1),
        chain=chain,
        broker_host="localhost",
        broker_port=8883,
        folder=Path("nowhere"),
        pin_key=bytes(32),
    )


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("siege.example.com", "siege.example.com", 8443),
        ("siege:9000", "siege", 9000),
        ("https://siege", "siege", 8443),
        ("[::1]", "::1", 8443),
        ("[::1]:9000", "::1", 9000),
    ],
)
def test_head_office_is_a_host_with_or_without_a_port(typed: str, host: str, port: int) -> None:
    found = office_of(typed)
    assert (found.host, found.port) == (host, port)


@pytest.mark.parametrize("typed", ["", ":8443", "siege:port", "siege/x", "siege:99999"])
def test_what_is_no_host_is_a_mistake(typed: str) -> None:
    with pytest.raises(OperatorMistake, match="HOST"):
        office_of(typed)
