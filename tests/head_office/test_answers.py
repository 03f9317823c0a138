"""What head office answers to a till that asks."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.head_office import answers
from daemon.sync.wire_questions import Asked, Verdict
from tests.fakes.counter import HUB, Browser, open_browser, open_counter

TICKET = b"t" * 12


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter) as browser:
        yield browser


async def asked(office: Browser, topic: str, **body: object) -> tuple[Verdict, bytes]:
    question = Asked(TICKET, topic, json.dumps(body).encode())
    reply = await answers.answer(office.counter.premises, question)
    assert reply.ticket == TICKET
    return reply.verdict, reply.body


async def test_a_search_one_record_and_its_story_are_answered(office: Browser) -> None:
    made = await office.post("/customers", {"last_name": "Morel", "surface": "import"})
    id_ = made.json["customer"]["id"]
    verdict, found = await asked(office, "search", q="morel")
    assert (verdict, json.loads(found)["hits"][0]["customer"]["id"]) == (Verdict.ANSWERED, id_)
    _, record = await asked(office, "customer", id=id_)
    assert json.loads(record) == (await office.get(f"/customers/{id_}")).json
    _, story = await asked(office, "why", id=id_)
    assert json.loads(story)["customer"] == id_


async def test_who_is_not_here_is_null_and_what_is_wrong_or_unknown_is_said(office: Browser) -> None:
    for id_ in ("0" * 16, "x"):
        assert await asked(office, "customer", id=id_) == (Verdict.ANSWERED, b"null")
    assert (await asked(office, "customer", shoe=1))[0] is Verdict.REFUSED
    assert await asked(office, "weather") == (Verdict.UNKNOWN, b"")


async def test_an_answer_that_is_too_long_is_said_to_be(office: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "REPLY_BYTES_MAX", 10)
    assert await asked(office, "search", q="morel") == (Verdict.TOO_LONG, b"")
