"""What a list says of a customer beside the name, and what is not sent yet."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.desk.members import NewNote
from daemon.desk.purse_shown import Adjustment
from daemon.domain.ids import EntityId
from tests.fakes.counter import Counter, open_counter
from tests.fakes.people import known, sophie


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as opened:
        yield opened


async def test_a_list_says_points_notes_and_nothing_of_who_is_gone(counter: Counter) -> None:
    id_ = EntityId(bytes.fromhex(await sophie(counter)))
    await counter.desks.purses.adjust(counter.call(), id_, Adjustment(amount=120, reason="x"))
    found = await counter.desks.glances.of([id_, EntityId(bytes(8))])
    assert set(found) == {id_.hex()}
    glance = found[id_.hex()]
    assert (glance.points, glance.note, glance.last_bought_at) == (120, "Housse à remettre", "")


async def test_a_note_that_is_done_or_not_for_the_till_is_not_told(counter: Counter) -> None:
    id_ = await known(counter, first_name="Paul", last_name="Morel", email="p@example.org", notes=(NewNote(text="a"),))
    (glance,) = (await counter.desks.glances.of([EntityId(bytes.fromhex(id_))])).values()
    assert glance.note == ""
    assert await counter.desks.glances.habits(EntityId(bytes.fromhex(id_))) is None
