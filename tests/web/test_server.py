"""Serving: addresses, the socket, pages beside the API."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.errors import OperatorMistake
from daemon.web.http import Request, Response, get
from daemon.web.server import Listening, build_app, serve
from tests.fakes.counter import Browser


async def _page(_: Request) -> Response:
    return Response(text="<p>Bonjour</p>", content_type="text/html", headers={"Cache-Control": "immutable"})


async def test_pages_are_served_beside_the_api_with_the_same_guards(serving: Callable[..., Any]) -> None:
    async with serving(pages=(get("/caisse", _page),)) as browser:
        async with browser.session.get(browser.url + "/caisse") as response:
            assert (response.status, await response.text()) == (200, "<p>Bonjour</p>")
            assert response.headers["Cache-Control"] == "immutable"
            assert response.headers["X-Frame-Options"] == "DENY"
        async with browser.session.get(browser.url + "/caisse", headers={"Host": "evil.example"}) as response:
            assert response.status == 421


async def test_a_port_that_is_taken_is_named(browser: Browser) -> None:
    taken = Listening(port=browser.served.port)
    with pytest.raises(OperatorMistake, match=rf"127\.0\.0\.1:{browser.served.port} cannot be had") as refused:
        async with serve(build_app(browser.parts), taken):
            pass
    assert refused.value.field == "web.port"


async def test_a_socket_in_no_folder_is_named(browser: Browser, tmp_path: Path) -> None:
    where = Listening(host="", socket=tmp_path / "nowhere" / "api.sock")
    with pytest.raises(OperatorMistake, match="cannot be had") as refused:
        async with serve(build_app(browser.parts), where):
            pass
    assert refused.value.field == "web.socket"


async def test_a_socket_alone_opens_no_port(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    async with serve(build_app(browser.parts), Listening(host="", socket=path)) as served:
        assert (served.port, served.socket, path.exists()) == (0, path, True)
        # a second start, after a crash that left the socket behind, takes its place
    path.touch()


async def test_a_socket_left_behind_by_a_crash_is_replaced(browser: Browser, tmp_path: Path) -> None:
    import socket

    path = tmp_path / "api.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    async with serve(build_app(browser.parts), Listening(host="", socket=path)):
        assert path.is_socket()
