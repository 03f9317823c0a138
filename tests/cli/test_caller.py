"""The caller and a daemon that hangs up, restarts, answers nonsense, or is not there."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from daemon.cli.caller import Caller, refusal_of, segment
from daemon.errors import NotRunning, PeerFault, Refusal


@contextmanager
def daemon(path: Path, answers: list[list[bytes]]) -> Iterator[list[bytes]]:
    """One connection for each list: an answer to each request on it, then hang up. Gives the requests."""
    heard: list[bytes] = []

    def serve() -> None:
        for replies in answers:
            line, _ = door.accept()
            with line:
                for reply in replies:
                    request = _request(line)
                    if not request:
                        break
                    heard.append(request)
                    line.sendall(reply)

    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield heard
        finally:
            thread.join(5)


def _request(line: socket.socket) -> bytes:
    """One whole request: its head, and as much body as the head promises."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        piece = line.recv(65_536)
        if not piece:
            return b""
        heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    promised = int((re.search(rb"content-length: (\d+)", head.lower()) or [0, 0])[1])
    while len(body) < promised:
        body += line.recv(65_536)
    return head + b"\r\n\r\n" + body


def reply(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b'HTTP/1.1 %s\r\nETag: "0123456789abcdef"\r\nContent-Length: %d\r\n\r\n%s' % (status, len(body), body)


def test_a_daemon_that_was_restarted_is_asked_again_under_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    answers = [[reply(b'{"a": 1}')], [reply(b'{"a": 2}', b"201 Created")]]
    with daemon(path, answers) as heard, closing(Caller(path, token="t")) as caller:
        assert caller.fetch("/x", q="é").version == "0123456789abcdef"
        assert caller.post("/y", {"name": "Hélène"}) == {"a": 2}
    assert heard[0].startswith(b"GET /api/v1/x?q=%C3%A9 HTTP/1.1\r\nHost: localhost\r\n")
    assert b"Authorization: Bearer t" in heard[0]
    assert b"Idempotency-Key: " in heard[-1]


def test_a_daemon_that_only_hangs_up_is_not_running(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    with daemon(path, [[b""], [b""]]), pytest.raises(NotRunning, match="hung up"), closing(Caller(path)) as caller:
        caller.get("/x")


def test_a_daemon_that_is_silent_is_told_from_one_that_is_absent(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "x.sock"))
        door.listen()
        path = tmp_path / "x.sock"
        with pytest.raises(PeerFault, match="does not answer") as late, closing(Caller(path, timeout_s=0.05)) as caller:
            caller.get("/x")
        assert not isinstance(late.value, NotRunning)
    with pytest.raises(NotRunning, match="is it running"):
        Caller(tmp_path / "none.sock").get("/x")


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", reply(b"<html>")])
def test_whatever_else_listens_there_is_not_comptoir(tmp_path: Path, answer: bytes) -> None:
    path = tmp_path / "x.sock"
    with daemon(path, [[answer]]), pytest.raises(PeerFault), closing(Caller(path)) as caller:
        caller.get("/x")


def test_a_problem_keeps_its_sentence_its_status_and_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    problem = b'{"type": "urn:comptoir:taken", "detail": "somebody has it", "owners": ["1"], "field": "email"}'
    with (
        daemon(path, [[reply(problem, b"409 Conflict")]]),
        pytest.raises(Refusal, match="somebody has it") as refused,
        closing(Caller(path)) as caller,
    ):
        caller.get("/x")
    assert (refused.value.status, refused.value.problem["owners"]) == (409, ["1"])
    assert str(refusal_of(500, "?")) == "the daemon answers 500"


def test_one_part_of_a_path_stays_one() -> None:
    assert segment("a/b é?") == "a%2Fb%20%C3%A9%3F"
