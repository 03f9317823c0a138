"""Owners of a value, persons made of several records, codes."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from daemon.domain import authoring as operations
from daemon.domain.change import Operation
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.store import authoring, customers
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Counter, open_counter

T = TypeVar("T")
A, B, C, D = (EntityId(bytes([at] * 8)) for at in (1, 2, 3, 4))


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as found:
        yield found


async def commit(counter: Counter, *told: Operation) -> Sequence[bytes]:
    """Save one action; the dots of what it added."""
    return await counter.database.write(
        lambda conn: authoring.commit(conn, counter.replica, OWNER, told, now_ms=counter.clock.now_ms()).dots
    )


async def read(counter: Counter, unit: Callable[[Connection], T]) -> T:
    return await counter.database.read(unit)


def person(id_: EntityId, **fields: Any) -> Operation:
    return operations.create(
        Kind.CUSTOMER, id_, {2: ("", "Morel"), **{int(at[1:]): value for at, value in fields.items()}}
    )


@pytest.mark.parametrize(
    ("claim", "stored", "sought"),
    [
        (Claim.EMAIL, "Paul@Example.org", " paul@EXAMPLE.org "),
        (Claim.CODE, "Vip 1", "vip1"),
        (Claim.MEMBER_NUMBER, "a 77", "A77"),
        (Claim.PHONE, "+33639981234", "+33639981234"),
    ],
)
async def test_an_owner_is_found_however_the_value_is_written(
    counter: Counter, claim: Claim, stored: str, sought: str
) -> None:
    numbers = {Claim.EMAIL: 8, Claim.CODE: 7, Claim.MEMBER_NUMBER: 14, Claim.PHONE: 9}
    await commit(counter, operations.create(Kind.CUSTOMER, A, {numbers[claim]: stored}))
    assert await read(counter, lambda conn: customers.owners_of(conn, claim, sought)) == [A]


async def test_a_card_is_found_with_or_without_the_zero_that_scanners_put_before_a_upc(counter: Counter) -> None:
    await commit(counter, person(A), operations.add(Kind.CARD, A, {1: "0036000291452"}))
    for typed in ("036000291452", "0036000291452", "0 36000 29145 2"):
        assert await read(counter, partial(customers.owners_of, claim=Claim.CARD, value=typed)) == [A]


async def test_of_several_owners_the_newest_award_names_one(counter: Counter) -> None:
    await commit(counter, person(A, f8="m@example.org"), person(B, f8="M@example.org"), person(C))

    def owners(conn: Connection) -> list[EntityId]:
        return customers.owners_of(conn, Claim.EMAIL, "m@example.org")

    assert await read(counter, owners) == [A, B]
    await commit(counter, operations.add(Kind.AWARD, C, {1: int(Claim.EMAIL), 2: "m@example.org"}))
    await commit(counter, operations.add(Kind.AWARD, A, {1: int(Claim.CODE), 2: "m@example.org"}))
    assert await read(counter, owners) == [A, B], "an award of something else, or to somebody else, decides nothing"
    await commit(counter, operations.add(Kind.AWARD, A, {1: int(Claim.EMAIL), 2: "m@example.org"}))
    assert await read(counter, owners) == [A]
    await commit(counter, operations.add(Kind.AWARD, B, {1: int(Claim.EMAIL), 2: "m@example.org"}))
    assert await read(counter, owners) == [B]


async def test_merged_records_are_one_person_shown_by_the_eldest_however_the_edges_run(counter: Counter) -> None:
    for id_ in (B, A, C, D):
        await commit(counter, person(id_))
    dots = [
        await commit(counter, operations.add(Kind.EDGE, one, {1: other})) for one, other in ((A, B), (B, C), (C, A))
    ]
    for id_ in (A, B, C):
        assert await read(counter, partial(customers.person_of, entity=id_)) == B
    assert await read(counter, lambda conn: customers.persons(conn, [A, D, C])) == [B, D]
    for dot, (one, other) in zip(dots, ((A, B), (B, C), (C, A)), strict=True):
        assert len(dot) == 1
        edge = Operation(Kind.EDGE, one, 4, {}, {}, dot[0])
        if other == C:
            await commit(counter, edge)
    assert await read(counter, lambda conn: customers.person_of(conn, C)) == B, "two of three edges still hold them"


async def test_an_edge_to_somebody_who_never_came_shows_the_one_who_is_here(counter: Counter) -> None:
    await commit(counter, person(A), operations.add(Kind.EDGE, A, {1: B}))
    assert await read(counter, lambda conn: customers.person_of(conn, A)) == A
    assert await read(counter, lambda conn: customers.person_of(conn, B)) == A
    assert await read(counter, lambda conn: customers.person_of(conn, D)) == D


async def test_codes_are_given_once_and_skip_what_is_taken(counter: Counter) -> None:
    def next_code(conn: Connection) -> str:
        return customers.next_code(conn, counter.replica)

    await commit(counter, person(A, f7="c012000002"))
    assert [await counter.database.write(next_code) for _ in range(2)] == ["C012000001", "C012000003"]
    await counter.database.write(lambda conn: customers.skip_codes(conn, 1000))
    assert await counter.database.write(next_code) == "C012001004"


async def test_whole_words_and_nothing_for_no_words(counter: Counter) -> None:
    await commit(counter, person(A), person(B))
    for words, count in ((("morel",), 2), (("more",), 0), ((), 0)):
        found = await read(counter, partial(customers.with_whole_words, words=words, limit=9))
        assert len(found) == count


async def test_who_gave_a_stamp_is_known_where_it_is_known(counter: Counter) -> None:
    await commit(counter, person(A))

    def authors(conn: Connection) -> dict[Any, str]:
        (row,) = customers.rows(conn, [A])
        assert row is not None
        return customers.authors(conn, [row.base, (1, 2, 3)])

    assert list((await read(counter, authors)).values()) == ["test"]


async def test_a_walk_in_that_is_not_here_yet_is_none(counter: Counter) -> None:
    walk_in = await counter.choose_walk_in()
    assert await read(counter, lambda conn: customers.walk_in(conn, 7)) == bytes.fromhex(walk_in)
    assert await read(counter, lambda conn: customers.walk_in(conn, 8)) is None
    await commit(counter, operations.erase(Kind.ERASE, bytes.fromhex(walk_in)))
    assert await read(counter, lambda conn: customers.walk_in(conn, 7)) is None
