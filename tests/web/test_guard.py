"""What holds for every request."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from daemon.errors import StoreFault
from daemon.web.http import Request, Response, get
from daemon.web.parts import Limits
from tests.fakes.counter import API, Browser


def health(browser: Browser) -> str:
    return browser.url + API + "/health"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "till-1.local"])
async def test_the_machine_answers_to_its_own_names(serving: Callable[..., Any], name: str) -> None:
    async with serving(hosts=("till-1.local",)) as browser:
        headers = {"Host": f"{name}:{browser.served.port}"}
        async with browser.session.get(health(browser), headers=headers) as response:
            assert response.status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", ""]
)
async def test_a_name_that_only_points_here_is_refused(browser: Browser, host: str) -> None:
    headers = {"Host": host.format(port=browser.served.port)}
    async with browser.session.get(health(browser), headers=headers) as response:
        assert (response.status, response.content_type) == (421, "application/problem+json")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:{port}", 200),
        ("http://localhost:{port}", 200),
        ("http://127.0.0.1:1", 403),
        ("https://127.0.0.1:{port}", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
async def test_a_page_of_another_origin_is_refused(browser: Browser, origin: str, status: int) -> None:
    headers = {"Origin": origin.format(port=browser.served.port)}
    async with browser.session.get(health(browser), headers=headers) as response:
        assert response.status == status
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_the_unix_socket_is_exempt_and_its_owner_needs_no_token(
    serving: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "api.sock"
    async with serving(socket=path) as browser:
        assert path.stat().st_mode & 0o777 == 0o660
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path=str(path))) as session:
            async with session.get(f"http://any.name{API}/customers?q=x", headers={"Origin": "null"}) as response:
                assert response.status == 200
            key = {"Idempotency-Key": "k"}
            async with session.post(f"http://x{API}/walk-in", json={}, headers=key) as response:
                assert response.status == 200, "the owner of the machine sets it up"
        assert browser.counter.told[-1][0] == "customer"


async def test_every_answer_carries_the_headers_of_a_careful_server(browser: Browser) -> None:
    for path in ("/health", "/customers", "/nothing"):
        async with browser.session.get(browser.url + API + path) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == "no-store"
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
            assert response.headers["X-Frame-Options"] == "DENY"
            assert "Server" not in response.headers or "aiohttp" not in response.headers["Server"]


async def test_a_request_keeps_its_id_if_that_is_sane(browser: Browser) -> None:
    async with browser.session.get(health(browser), headers={"X-Request-Id": "abc-1"}) as response:
        assert response.headers["X-Request-Id"] == "abc-1"
    async with browser.session.get(browser.url + API + "/customers", headers={"X-Request-Id": "a b"}) as response:
        given = response.headers["X-Request-Id"]
        assert (len(given), (await response.json())["request_id"]) == (16, given)


async def _crash(request: Request) -> Response:
    raise KeyError(request.query["q"])


async def _full(_: Request) -> Response:
    raise StoreFault("the disk is full: reads go on, nothing can be saved")


async def _hang(_: Request) -> Response:
    await asyncio.sleep(30)
    raise AssertionError


PAGES = (get("/crash/{name}", _crash), get("/full", _full), get("/hang", _hang))


async def test_a_fault_of_ours_is_logged_without_persons(
    serving: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(pages=PAGES) as browser, browser.session.get(browser.url + "/crash/Morel?q=Lefèvre") as response:
        problem = await response.json()
        assert (response.status, problem["type"], problem["title"]) == (
            500,
            "urn:comptoir:fault",
            "Something went wrong",
        )
    assert "KeyError" in caplog.text
    assert "test_guard.py" in caplog.text
    assert problem["request_id"] in caplog.text
    assert "Lefèvre" not in caplog.text + str(problem)
    assert "Morel" not in caplog.text


async def test_a_full_disk_is_said_in_one_sentence(serving: Callable[..., Any]) -> None:
    async with serving(pages=PAGES) as browser, browser.session.get(browser.url + "/full") as response:
        assert response.status == 503
        assert (await response.json())["detail"].startswith("the disk is full")


async def test_an_answer_that_takes_too_long_is_given_up(serving: Callable[..., Any]) -> None:
    limits = Limits(answer_s=0.05)
    async with serving(pages=PAGES, limits=limits) as browser, browser.session.get(browser.url + "/hang") as response:
        assert (response.status, (await response.json())["type"]) == (503, "urn:comptoir:slow-answer")


async def test_what_is_no_http_is_logged_without_quoting_it(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    reader, writer = await asyncio.open_connection("127.0.0.1", browser.served.port)
    writer.write(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nLef\xc3\xa8vre Morel: 1\r\n\r\n")
    assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert "Morel" not in caplog.text


async def test_the_log_has_a_line_per_request_with_neither_query_nor_ids(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await browser.get("/customers", params={"q": "Lefèvre"})
    await browser.get(f"/customers/{'a' * 16}")
    assert "GET /api/v1/customers 200" in caplog.text
    assert "GET /api/v1/customers/{id} 404" in caplog.text
    assert "Lef" not in caplog.text
    assert "a" * 16 not in caplog.text


async def test_a_caller_who_goes_away_in_the_middle_is_no_fault_of_ours(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    _, writer = await asyncio.open_connection("127.0.0.1", browser.served.port)
    head = f"POST {API}/customers HTTP/1.1\r\nHost: 127.0.0.1:{browser.served.port}\r\nContent-Length: 400\r\n"
    head += f"Authorization: Bearer {browser.token}\r\nContent-Type: application/json\r\nIdempotency-Key: k1\r\n\r\n"
    writer.write(head.encode() + b'{"last_name":')
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.transport.abort()
    for _ in range(250):
        if any("POST" in record.getMessage() for record in caplog.records):
            break
        await asyncio.sleep(0.02)
    assert [record for record in caplog.records if "POST" in record.getMessage()]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
