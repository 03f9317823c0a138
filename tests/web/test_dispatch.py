"""How requests are read: keys, versions, bodies; and what each refusal says."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from daemon.desk.members import NewNote
from daemon.store import idempotency
from daemon.web.parts import Limits
from tests.fakes.counter import API, Browser, open_browser, open_counter

PAUL = {"first_name": "Paul", "last_name": "Morel", "email": "paul@example.org"}
JSON = {"Content-Type": "application/json"}


async def test_a_writing_post_needs_a_key(browser: Browser) -> None:
    heard = await browser.post("/customers", PAUL, headers={"Idempotency-Key": ""})
    assert (heard.status, heard.json["type"]) == (400, "urn:comptoir:malformed")
    for key in ("two words", "é", "x" * 129):
        heard = await browser.post("/customers", PAUL, headers={"Idempotency-Key": key})
        assert (heard.status, heard.json["field"]) == (422, "Idempotency-Key")


async def test_the_same_key_and_body_get_the_same_answer_another_body_none(browser: Browser) -> None:
    first = await browser.post("/customers", PAUL, key="k1")
    again = await browser.post("/customers", PAUL, key="k1")
    assert (again.status, again.raw) == (201, first.raw)
    other = await browser.post("/customers", PAUL | {"last_name": "Autre"}, key="k1")
    assert (other.status, other.json["field"]) == (422, "Idempotency-Key")
    elsewhere = await browser.post(f"/customers/{first.json['customer']['id']}/notes", {"text": "x"}, key="k1")
    assert elsewhere.status == 422
    assert len(browser.counter.heard("customer")) == 1, "a repetition is no news"


async def test_a_key_belongs_to_its_actor(browser: Browser) -> None:
    first = await browser.post("/customers", {"last_name": "Un"}, key="k1")
    browser.token = await browser.counter.token(name="another")
    other = await browser.post("/customers", {"last_name": "Deux"}, key="k1")
    assert other.status == 201
    assert other.json["customer"]["id"] != first.json["customer"]["id"]


async def test_a_refusal_is_not_remembered(browser: Browser) -> None:
    assert (await browser.post("/customers", {"last_name": "Un", "code": "A1"}, key="k0")).status == 201
    assert (await browser.post("/customers", {"last_name": "Deux", "code": "A1"}, key="k1")).status == 409
    assert (await browser.post("/customers", {"last_name": "Deux", "code": "A2"}, key="k1")).status == 201


async def test_answers_are_remembered_across_a_restart_for_thirty_days(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        first = await browser.post("/customers", PAUL, key="k1")
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        again = await browser.post("/customers", PAUL, key="k1")
        assert again.raw == first.raw
        counter.clock.at_ms += idempotency.KEPT_MS + 1
        late = await browser.post("/customers", PAUL, key="k1")
        assert late.json["identified"] is True, "the key is forgotten; the e-mail still identifies"


async def test_an_edit_may_carry_a_key_so_that_a_lost_answer_can_be_asked_again(browser: Browser) -> None:
    made = (await browser.post("/customers", PAUL)).json["customer"]
    where = f"/customers/{made['id']}"
    headers = {"If-Match": f'"{made["version"]}"', "Idempotency-Key": "edit-1"}
    first = await browser.ask("PATCH", where, {"language": "fr"}, headers=headers)
    again = await browser.ask("PATCH", where, {"language": "fr"}, headers=headers)
    assert (first.status, again.raw) == (200, first.raw)


async def test_what_was_answered_of_an_erased_customer_is_gone(browser: Browser) -> None:
    made = await browser.post("/customers", PAUL, key="k1")
    id_ = bytes.fromhex(made.json["customer"]["id"])
    await browser.counter.database.write(lambda conn: idempotency.cut(conn, id_))
    heard = await browser.post("/customers", PAUL, key="k1")
    assert heard.status == 404
    assert "erased" in heard.json["detail"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"last_name": "\xff"}', 400),
        (b'{"last_name": "\\ud800"}', 400),
        (b"[" * 100_000 + b"]" * 100_000, 400),
        (b'{"tags": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b'{"last_name": 1e999}', 400),
        (b'{"last_name": ["x"]}', 422),
        (b'{"last_name": "x", "unheard_of": 1}', 422),
    ],
)
async def test_a_body_that_is_none_is_refused_in_one_sentence(browser: Browser, raw: bytes, status: int) -> None:
    heard = await browser.post("/customers", headers=JSON, data=raw)
    assert (heard.status, heard.headers["Content-Type"]) == (status, "application/problem+json")
    assert len(heard.json["detail"]) < 200


async def test_a_body_is_json_and_says_so(browser: Browser) -> None:
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        heard = await browser.post("/customers", headers={"Content-Type": media}, data=b"{}")
        assert heard.status == 415


async def test_a_body_has_a_size(browser: Browser) -> None:
    heard = await browser.post("/customers", headers=JSON, data=b'{"last_name": "' + b"x" * 262_144 + b'"}')
    assert (heard.status, heard.json["type"]) == (413, "urn:comptoir:too-large")


async def test_a_route_without_body_takes_none(browser: Browser) -> None:
    await browser.counter.choose_walk_in()
    visit = (await browser.post("/visits", {})).json
    assert (await browser.post(f"/visits/{visit['id']}/cancel", {"why": "x"})).status == 422
    assert (await browser.post(f"/visits/{visit['id']}/cancel", {})).status == 200


async def test_a_body_that_never_arrives_is_given_up(serving: Callable[..., Any]) -> None:
    async with serving(limits=Limits(body_s=0.05)) as browser:
        reader, writer = await asyncio.open_connection("127.0.0.1", browser.served.port)
        head = (
            f"POST {API}/customers HTTP/1.1\r\nHost: 127.0.0.1:{browser.served.port}\r\n"
            f"Authorization: Bearer {browser.token}\r\nIdempotency-Key: k\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        writer.write(head.encode())
        status = await reader.readline()
        await reader.read()
        writer.close()
        await writer.wait_closed()
    assert b" 408 " in status


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_a_method_that_is_not_there_says_which_are(browser: Browser, method: str) -> None:
    url = browser.url + API + "/customers"
    async with browser.session.request(method, url) as response:
        assert (response.status, response.content_type) == (405, "application/problem+json")
        assert set(response.headers["Allow"].split(",")) == {"GET", "POST"}


async def test_an_address_that_is_not_there_is_a_problem_too(browser: Browser) -> None:
    async with browser.session.get(browser.url + API + "/nothing/here") as response:
        assert (response.status, (await response.json())["type"]) == (404, "urn:comptoir:no-route")


async def test_an_action_that_is_too_big_to_be_sent_is_not_saved(browser: Browser) -> None:
    notes = [{"text": "é" * 4000}] * 6
    heard = await browser.post("/customers", PAUL | {"notes": notes})
    assert (heard.status, "bytes" in heard.json["detail"]) == (422, True)
    assert (await browser.get("/customers", params={"q": "morel"})).json["hits"] == []


async def test_edits_side_by_side_do_not_lose_one_another(browser: Browser) -> None:
    made = (await browser.post("/customers", PAUL)).json["customer"]
    where = f"/customers/{made['id']}"
    async with asyncio.TaskGroup() as writers:
        for at in range(8):
            writers.create_task(browser.post(f"{where}/notes", {"text": f"note {at}"}))
        edits = [
            writers.create_task(browser.patch(where, {"language": language}, version=made["version"]))
            for language in ("fr", "en", "de")
        ]
    shown = (await browser.get(where)).json
    assert len(shown["notes"]) == 8
    assert sorted(edit.result().status for edit in edits) in ([200, 412, 412], [412, 412, 412])


async def test_the_hash_of_a_request_says_nothing_without_the_secret(browser: Browser) -> None:
    await browser.post("/operators", {"display_name": "Léa", "pin": "4821"}, key="k1")
    row = await browser.counter.database.read(
        lambda conn: conn.execute("SELECT fingerprint, body FROM answer WHERE key = 'k1'").fetchone()
    )
    assert len(row[0]) == 16
    assert b"4821" not in row[1]


def test_what_is_said_of_a_note_hides_its_text() -> None:
    assert "secret" not in repr(NewNote(text="secret"))


async def test_the_library_client_is_not_kept_waiting(browser: Browser) -> None:
    timeout = aiohttp.ClientTimeout(total=5)
    async with browser.session.get(browser.url + API + "/health", timeout=timeout) as response:
        assert response.status == 200
