"""Who may be the person of a line: asked with few words, found as if all had been asked for."""

from collections.abc import AsyncIterator, Sequence
from itertools import product
from pathlib import Path

import pytest

from daemon.desk import import_matching
from daemon.domain import authoring as operations
from daemon.domain.change import Operation
from daemon.domain.folding import fold, words
from daemon.domain.ids import EntityId
from daemon.domain.import_line import DELETED, NUMBER
from daemon.domain.import_traits import Traits
from daemon.domain.kinds import SHAPES, Kind
from daemon.store import authoring, customers
from daemon.store.database import Connection
from tests.fakes.chance import Random
from tests.fakes.counter import OWNER, Counter, open_counter

FIRST = ("Zoé", "Marie-Élisabeth", "Jo", "")
LAST = ("Le Goff", "Martin", "Martin Le Goff", "D'Arc", "Ng")
PLACES = ("44000", "29200", "2F9 2AA")
_TAG = SHAPES[Kind.TAG].number("tag")


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as found:
        yield found


def customer(dice: Random, at: int) -> list[Operation]:
    """Somebody with one of few names and places, written in one of many ways."""
    entity = EntityId(dice.randbytes(8))
    first, last, place = dice.choice(FIRST), dice.choice(LAST), dice.choice(PLACES)
    spelt = dice.choice((str, str.upper, fold))
    fields: dict[int, object] = {NUMBER("code"): f"K{at}", NUMBER("address"): ("", "", place, "Nantes", "FR")}
    if dice.random() < 0.2:
        fields[NUMBER("company_name")] = spelt(f"{first} {last}")
    else:
        fields[NUMBER("name")] = (spelt(first), spelt(last))
    if dice.random() < 0.1:
        fields[NUMBER("deleted")] = DELETED
    told = [operations.create(Kind.CUSTOMER, entity, fields)]
    if dice.random() < 0.2:
        told.append(operations.add(Kind.TAG, entity, {_TAG: f"{dice.choice(LAST)} {dice.choice(PLACES)}"}))
    return told


def asked_for_every_word(conn: Connection, line: Traits) -> list[EntityId]:
    """The definition: of the first twenty who have each word of name and place, those of that very name."""
    hits = customers.with_whole_words(conn, [*words(line.name), *words(line.postal_code)], limit=20)
    found = []
    for id_, row in zip(hits, customers.rows(conn, hits), strict=True):
        assert row is not None
        name, company = row.fields.get(NUMBER("name"), ("", "")), row.fields.get(NUMBER("company_name"), "")
        if row.fields.get(NUMBER("deleted")) != DELETED and line.name in {fold(" ".join(name)), fold(company)}:
            found.append(id_)
    return customers.persons(conn, found)


def likely(conn: Connection, line: Traits) -> list[EntityId]:
    known = import_matching.Known(conn, [line], {})
    return [one.entity for one in import_matching.likely(conn, line, known)]


@pytest.mark.parametrize(("seed", "many"), [(1, 40), (2, 300), (3, 900)])
async def test_namesakes_are_those_who_have_every_word_of_name_and_place(
    counter: Counter, seed: int, many: int
) -> None:
    dice = Random(seed)

    def fill(conn: Connection) -> Sequence[object]:
        told = [customer(dice, at) for at in range(many)]
        return [authoring.commit(conn, counter.replica, OWNER, one, now_ms=counter.clock.now_ms()) for one in told]

    await counter.database.write(fill)
    found = 0
    for first, last, place in product(FIRST, LAST, (*PLACES, "", "75001")):
        line = Traits(made=EntityId(bytes(8)), name=fold(f"{first} {last}"), postal_code=place)

        def both(conn: Connection, line: Traits = line) -> tuple[list[EntityId], list[EntityId]]:
            return likely(conn, line), asked_for_every_word(conn, line) if line.postal_code else []

        ours, defined = await counter.database.read(both)
        assert ours == defined, (first, last, place)
        found += len(ours)
    assert found > many // 3, "nearly nobody had a namesake: nothing was proved"
