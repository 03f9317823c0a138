"""Head office as the demo fills it: recorded like every edit, resumable, and what a till needs comes first."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.config import HubConfig, HubSection
from daemon.demo import seed
from daemon.demo.chain import OPERATORS, SHOPS
from daemon.demo.people import People
from daemon.desk.customer_fields import Customs
from daemon.desk.edit import Author, NewIds, decide_creation
from daemon.desk.lookup import load_customer
from daemon.domain.change import OPERATIONS_MAX, Actor
from daemon.domain.feed import CHAIN
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.role import Role
from daemon.errors import OperatorMistake
from daemon.head_office.founding import DATABASE
from daemon.state_directory import taken
from daemon.store import customers, ordering
from daemon.store.database import Connection, open_connection
from daemon.store.verify import verify

PROFILES = 3
"""Who stand ready in every shop: VIP, friends, staff."""

IMPORTER = Author(actor=Actor(role=Role.OWNER), now_ms=1)


def hub_in(tmp_path: Path) -> HubConfig:
    return HubConfig(hub=HubSection(state_directory=str(tmp_path / "hub"), public_host="localhost"))


@contextmanager
def opened(tmp_path: Path) -> Iterator[Connection]:
    conn = open_connection(tmp_path / "hub" / DATABASE)
    yield conn
    conn.close()


def count(conn: Connection, kind: Kind) -> int:
    return int(conn.execute("SELECT count(*) FROM element WHERE kind = ?", (int(kind),)).fetchone()[0])


async def test_the_customers_are_there_recorded_and_in_the_digest(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    filled = await seed.fill(hub_in(tmp_path), 620, lambda done, total: told.append((done, total)))
    assert (filled.customers, told) == (620, [(500, 620), (620, 620)])
    draft, id_ = People().customer(3), EntityId(People().customer_id(3))
    with opened(tmp_path) as conn:
        assert count(conn, Kind.CUSTOMER) == 620 + len(SHOPS) + PROFILES
        assert filled.feed_offset == ordering.feed_head(conn, CHAIN).offset
        assert verify(conn).is_sound
        shown = load_customer(conn, id_)
    assert (shown.code, shown.last_name, shown.mobile) == (draft["code"], draft["last_name"], draft.get("mobile"))
    assert [card.number for card in shown.cards] == draft.get("cards", [])


async def test_what_a_till_needs_to_serve_comes_before_the_customers(tmp_path: Path) -> None:
    filled = await seed.fill(hub_in(tmp_path), 0, lambda *_: None)
    assert filled.feed_offset < 20
    with opened(tmp_path) as conn:
        assert all(customers.walk_in(conn, shop.number) for shop in SHOPS)
        assert count(conn, Kind.OPERATOR) == len(OPERATORS)


async def test_an_interrupted_filling_goes_on_and_a_full_one_stays(tmp_path: Path) -> None:
    def interrupted(done: int, total: int) -> None:
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await seed.fill(hub_in(tmp_path), 1100, interrupted)
    told: list[int] = []
    await seed.fill(hub_in(tmp_path), 1100, lambda done, _: told.append(done))
    assert told == [1000, 1100]
    again = await seed.fill(hub_in(tmp_path), 200, lambda *_: pytest.fail("nothing is missing"))
    assert again.customers == 1100
    with opened(tmp_path) as conn:
        assert count(conn, Kind.CUSTOMER) == 1100 + len(SHOPS) + PROFILES
        assert count(conn, Kind.OPERATOR) == len(OPERATORS)


async def test_a_hub_that_runs_is_left_alone(tmp_path: Path) -> None:
    with taken(tmp_path / "hub"), pytest.raises(OperatorMistake, match="another process works in"):
        await seed.fill(hub_in(tmp_path), 0, lambda *_: None)


@pytest.mark.parametrize("index", range(40))
def test_a_creation_is_what_the_counter_would_decide_telephones_included(index: int) -> None:
    """The short cut past the parsing of telephones gives what the long way gives."""
    people = People()
    given = seed.new_customer(people.customer(index))
    ids = NewIds(customer=EntityId(people.customer_id(index)), code="")
    long_way = decide_creation(given, ids, required={}, author=IMPORTER, customs=Customs(card_prefixes=("29",)))
    assert seed.creation(people, index, IMPORTER) == long_way


def test_the_customers_of_one_record_fit_into_it() -> None:
    people = People()
    longest = max(len(seed.creation(people, index, IMPORTER)) for index in range(500))
    assert longest * seed.RECORD_CUSTOMERS <= OPERATIONS_MAX
