from pathlib import Path

import pytest

from daemon.domain.code import is_gtin
from daemon.errors import Conflicting
from daemon.store.card_numbers import COUNTED, next_card_number
from daemon.store.replica import put_meta
from tests.fakes.counter import open_counter


async def test_every_till_gives_numbers_of_its_own_that_scanners_accept(tmp_path: Path) -> None:
    given = []
    for site in (12, 13):
        async with open_counter(tmp_path, site=site) as counter:
            for _ in range(2):
                replica = counter.replica
                given.append(await counter.database.write(lambda conn: next_card_number(conn, replica, "29")))  # noqa: B023  called at once
    assert len(set(given)) == 4
    assert all(is_gtin(number) and number.startswith("29") and len(number) == 13 for number in given)


async def test_a_number_that_somebody_has_is_passed_over_and_room_ends(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter:
        first = await counter.database.write(lambda conn: next_card_number(conn, counter.replica, "2900"))
        await counter.database.write(lambda conn: put_meta(conn, COUNTED, 0))
        from daemon.desk.edit import NewCustomer

        await counter.desks.edits.create(
            counter.call(), NewCustomer(last_name="Morel", cards=(first,), surface="application")
        )
        assert await counter.database.write(lambda conn: next_card_number(conn, counter.replica, "2900")) != first
        with pytest.raises(Conflicting, match="leaves no room"):
            await counter.database.write(lambda conn: next_card_number(conn, counter.replica, "29000000"))
        await counter.database.write(lambda conn: put_meta(conn, COUNTED, 9_998))
        await counter.database.write(lambda conn: next_card_number(conn, counter.replica, "2900"))
        with pytest.raises(Conflicting, match="all its card numbers"):
            await counter.database.write(lambda conn: next_card_number(conn, counter.replica, "2900"))
