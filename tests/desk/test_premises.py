"""A call that is sent twice happens once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.desk.premises import Call, author_of, write_once
from daemon.domain.change import Actor, ActorKind
from daemon.errors import Conflicting, NotFound, OperatorMistake
from daemon.store import idempotency
from daemon.store.database import Connection
from daemon.store.replica import get_meta, put_meta
from tests.fakes.counter import OWNER, Counter, open_counter


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    count: int
    of: str = "0101010101010101"


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as found:
        yield found


async def count(counter: Counter, call: Call, told: list[Counted]) -> Counted:
    def act(conn: Connection) -> Counted:
        reached = int(get_meta(conn, "count", 0)) + 1
        put_meta(conn, "count", reached)
        if reached == 13:
            raise Conflicting("not thirteen")
        return Counted(count=reached)

    return await write_once(counter.premises, call, Counted, act, told=told.append)


def call(key: str, fingerprint: bytes = b"f", actor: Actor = OWNER) -> Call:
    return Call(actor=actor, key=key, fingerprint=fingerprint)


async def test_the_answer_of_the_first_time_is_given_again_and_told_once(counter: Counter) -> None:
    told: list[Counted] = []
    answers = [await count(counter, call("k"), told) for _ in range(3)]
    assert answers == [Counted(count=1)] * 3
    assert told == [Counted(count=1)]


async def test_without_a_key_each_time_is_a_new_one(counter: Counter) -> None:
    told: list[Counted] = []
    assert [(await count(counter, call(""), told)).count for _ in range(2)] == [1, 2]


async def test_an_operator_and_an_application_of_one_name_have_keys_of_their_own(counter: Counter) -> None:
    told: list[Counted] = []
    for kind in (ActorKind.OPERATOR, ActorKind.APPLICATION):
        await count(counter, call("k", actor=Actor(kind, "same", "", 7)), told)
    assert len(told) == 2


async def test_another_question_under_the_same_key_is_a_mistake(counter: Counter) -> None:
    await count(counter, call("k"), [])
    with pytest.raises(OperatorMistake, match="another request"):
        await count(counter, call("k", b"g"), [])


async def test_what_fails_is_neither_done_nor_remembered_nor_told(counter: Counter) -> None:
    await counter.database.write(lambda conn: put_meta(conn, "count", 12))
    told: list[Counted] = []
    with pytest.raises(Conflicting):
        await count(counter, call("k"), told)
    await counter.database.write(lambda conn: put_meta(conn, "count", 20))
    assert (await count(counter, call("k"), told)).count == 21
    assert len(told) == 1


async def test_what_was_answered_of_an_erased_customer_is_said_to_be_gone(counter: Counter) -> None:
    await count(counter, call("k"), [])
    await counter.database.write(lambda conn: idempotency.cut(conn, b"\x01" * 8))
    with pytest.raises(NotFound, match="erased"):
        await count(counter, call("k", b"another"), [])


def test_an_author_has_a_name() -> None:
    assert author_of(OWNER) == "test"
    assert author_of(Actor()) == "system"
    assert author_of(Actor(ActorKind.OPERATOR, "")) == ""
