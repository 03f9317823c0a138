"""Who calls: tokens, sessions in a browser, rights."""

import pytest

from daemon.domain.role import Role
from daemon.web.callers import COOKIE, FORM_HEADER
from tests.fakes.counter import API, Browser

ROUTES_WITHOUT_ACTOR = {"/health", "/ready", "/operators", "/openapi.json"}


@pytest.mark.feature("F2.5")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/customers?q=a"),
        ("POST", "/customers"),
        ("GET", f"/customers/{'0' * 16}"),
        ("PATCH", f"/customers/{'0' * 16}"),
        ("POST", "/identify"),
        ("POST", "/scan"),
        ("POST", "/visits"),
        ("GET", "/visits"),
        ("GET", "/print-jobs"),
        ("GET", "/events"),
        ("GET", "/replication"),
        ("GET", "/metrics"),
        ("GET", "/applications"),
        ("POST", "/walk-in"),
    ],
)
async def test_every_call_has_an_actor(browser: Browser, method: str, path: str) -> None:
    for token in ("", "wrong"):
        browser.token = token
        heard = await browser.ask(method, path)
        assert (heard.status, heard.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_some_answers_need_no_actor(browser: Browser) -> None:
    browser.token = ""
    await browser.counter.choose_walk_in()
    for path in ROUTES_WITHOUT_ACTOR:
        assert (await browser.get(path)).status == 200


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "token"])
async def test_a_header_that_is_no_bearer_token_says_so(browser: Browser, header: str) -> None:
    heard = await browser.get("/customers", headers={"Authorization": header})
    assert heard.status == 401


@pytest.mark.feature("F2.2")
@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        (Role.MONITOR, "GET", "/customers", 403),
        (Role.MONITOR, "GET", "/metrics", 200),
        (Role.CASHIER, "GET", "/metrics", 403),
        (Role.CASHIER, "GET", "/customers", 200),
        (Role.CASHIER, "GET", "/applications", 403),
        (Role.OFFICE, "GET", "/visits", 403),
        (Role.APPLICATION, "GET", "/visits", 200),
        (Role.OWNER, "GET", "/applications", 200),
    ],
)
async def test_a_role_may_what_the_table_says(
    browser: Browser, role: Role, method: str, path: str, status: int
) -> None:
    browser.token = await browser.counter.token(role)
    assert (await browser.ask(method, path)).status == status


async def test_a_page_keeps_its_session_in_a_cookie_that_no_script_and_no_other_site_gets(browser: Browser) -> None:
    await browser.counter.hire("Léa", badge="OP-1")
    browser.token = ""
    heard = await browser.post("/sessions", {"badge": "OP-1", "cookie": True})
    assert (heard.status, heard.json["token"]) == (201, None)
    cookie = heard.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert (await browser.get("/customers", params={"q": "a"})).status == 200

    fields = {"first_name": "Paul", "last_name": "Morel", "email": "p@example.org"}
    forged = await browser.post("/customers", fields)
    assert (forged.status, forged.json["field"]) == (403, FORM_HEADER)
    wrong = await browser.post("/customers", fields, headers={FORM_HEADER: "0" * 64})
    assert wrong.status == 403
    right = await browser.post("/customers", fields, headers={FORM_HEADER: heard.json["form_token"]})
    assert right.status == 201

    out = await browser.ask("DELETE", "/sessions/current", headers={FORM_HEADER: heard.json["form_token"]})
    assert (out.status, COOKIE in out.headers["Set-Cookie"]) == (204, True)
    assert (await browser.get("/customers", params={"q": "a"})).status == 401
    stale = {"Cookie": cookie.partition(";")[0]}
    async with browser.session.get(browser.url + API + "/customers", headers=stale) as response:
        assert response.status == 401, "the token itself has ended too"


async def test_records_keep_who_acted(browser: Browser) -> None:
    id_ = await browser.counter.hire("Léa", badge="OP-1")
    browser.token = (await browser.post("/sessions", {"badge": "OP-1"})).json["token"]
    await browser.post("/customers", {"first_name": "P", "last_name": "M", "email": "p@example.org"})
    row = await browser.counter.database.read(
        lambda conn: conn.execute("SELECT actor_kind, actor, role, shop FROM author ORDER BY time DESC").fetchone()
    )
    assert row == (1, id_, "cashier", 7)
