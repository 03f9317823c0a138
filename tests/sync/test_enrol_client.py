"""The till's side against a small HTTPS server that gives any answer."""

import asyncio
import socket
import threading
from http import HTTPStatus
from pathlib import Path

import pytest

from daemon import certificates
from daemon.certificates import KeyPair
from daemon.domain.ids import ShopId, SiteId
from daemon.errors import ComptoirError, OperatorMistake, PeerFault
from daemon.sync.enrol_client import HeadOffice, enrol
from daemon.sync.enrol_wire import Enrolled, EnrolmentCode, EnrolmentRequest, Refused, write_code
from daemon.sync.identity import Identity, load_identity
from daemon.tls import server_tls
from daemon.typed import parse_json, to_json
from tests.fakes.enrol_server import Answer, serving_enrolment
from tests.fakes.mosquitto import free_port

NOW_MS = 1_790_000_000_000
AUTHORITY = certificates.create_authority("essai", NOW_MS)
SERVER = certificates.issue_server(AUTHORITY, ["127.0.0.1"], NOW_MS)


class Desk:
    """Answers as head office does, and remembers what it was asked."""

    def __init__(self, **changes: object) -> None:
        self.changes = changes
        self.asked: list[EnrolmentRequest] = []

    async def __call__(self, body: bytes) -> tuple[int, bytes]:
        request = parse_json(body, EnrolmentRequest)
        self.asked.append(request)
        certificate = certificates.issue_client(AUTHORITY, request.signing_request.encode(), "7", NOW_MS)
        values = {
            "certificate": certificate.decode(),
            "authority": AUTHORITY.certificate_pem.decode(),
            "site": SiteId(7),
            "shop": ShopId(75),
            "chain": "essai",
            "broker_host": "broker.example",
            "broker_port": 8883,
            "pin_key": bytes(32),
        }
        return HTTPStatus.OK, to_json(Enrolled(**{**values, **self.changes}))  # type: ignore[arg-type]  # wrong on purpose


def code_for(server: KeyPair, secret: bytes = b"0123456789") -> str:
    return write_code(EnrolmentCode(secret=secret, pin=certificates.facts(server.certificate_pem).fingerprint[:10]))


async def enrol_with(answer: Answer, tmp_path: Path, code: str, server: KeyPair = SERVER) -> Identity:
    pair = tmp_path / "server.pem"
    pair.write_bytes(server.joined())
    async with serving_enrolment(server_tls(pair), answer) as port:
        return await asyncio.to_thread(enrol, HeadOffice(host="127.0.0.1", port=port), code, tmp_path / "state")


async def test_a_till_becomes_who_head_office_says(tmp_path: Path) -> None:
    desk = Desk()
    identity = await enrol_with(desk, tmp_path, code_for(SERVER))
    assert identity == load_identity(tmp_path / "state")
    assert (identity.site, identity.shop, identity.chain) == (7, 75, "essai")
    assert [request.secret for request in desk.asked] == [b"0123456789"]


async def test_nothing_is_sent_to_a_server_that_the_code_does_not_name(tmp_path: Path) -> None:
    desk, impostor = Desk(), certificates.issue_server(AUTHORITY, ["127.0.0.1"], NOW_MS)
    with pytest.raises(PeerFault, match="is not the head office that wrote this code"):
        await enrol_with(desk, tmp_path, code_for(SERVER), impostor)
    assert desk.asked == []
    assert load_identity(tmp_path / "state") is None


async def test_a_repeated_attempt_asks_for_the_same_key(tmp_path: Path) -> None:
    desk = Desk()

    async def lost_on_the_way(body: bytes) -> tuple[int, bytes]:
        await desk(body)
        raise ConnectionResetError

    with pytest.raises(PeerFault, match="head office does not answer"):
        await enrol_with(lost_on_the_way, tmp_path, code_for(SERVER))
    await enrol_with(desk, tmp_path, code_for(SERVER))
    digests = {certificates.request_key_digest(request.signing_request.encode()) for request in desk.asked}
    assert (len(desk.asked), len(digests)) == (2, 1)


@pytest.mark.parametrize(
    ("status", "body", "fault", "sentence"),
    [
        (
            403,
            to_json(Refused(title="this enrolment code was used already", status=403)),
            OperatorMistake,
            "used already",
        ),
        (429, to_json(Refused(title="wait ten minutes", status=429)), OperatorMistake, "wait ten minutes"),
        (503, to_json(Refused(title="try again later", status=503)), PeerFault, "try again later"),
        (404, b"<html>", OperatorMistake, "answers 404 and no sentence"),
        (502, b"", PeerFault, "answers 502 and no sentence"),
        (200, b"<html>", PeerFault, "gives an answer that is none"),
        (200, b"{}", PeerFault, "gives an answer that is none"),
        (200, bytes(100_000), PeerFault, "gives an answer that is none"),
    ],
)
async def test_a_refusal_is_passed_on_and_nothing_is_written(
    tmp_path: Path, status: int, body: bytes, fault: type[ComptoirError], sentence: str
) -> None:
    async def answer(_: bytes) -> tuple[int, bytes]:
        return status, body

    with pytest.raises(fault, match=sentence):
        await enrol_with(answer, tmp_path, code_for(SERVER))
    assert load_identity(tmp_path / "state") is None


@pytest.mark.parametrize("nonsense", [{"pin_key": b"short"}, {"site": 0}, {"shop": -1}])
async def test_an_answer_that_cannot_be_is_refused(tmp_path: Path, nonsense: dict[str, object]) -> None:
    with pytest.raises(PeerFault, match="an answer that cannot be"):
        await enrol_with(Desk(**nonsense), tmp_path, code_for(SERVER))
    assert load_identity(tmp_path / "state") is None


async def test_an_answer_about_another_site_than_its_certificate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PeerFault, match="for site 7, the answer for site 8"):
        await enrol_with(Desk(site=8), tmp_path, code_for(SERVER))


def test_a_mistyped_code_asks_nobody(tmp_path: Path) -> None:
    with pytest.raises(OperatorMistake, match="32 letters and digits"):
        enrol(HeadOffice(host="127.0.0.1", port=free_port()), "AAAA-BBBB", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_nobody_listens_is_said(tmp_path: Path) -> None:
    with pytest.raises(PeerFault, match=r"head office does not answer at 127\.0\.0\.1:\d+: .*refused"):
        enrol(HeadOffice(host="127.0.0.1", port=free_port()), code_for(SERVER), tmp_path)


def test_what_speaks_no_tls_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        office = HeadOffice(host="127.0.0.1", port=listener.getsockname()[1])

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(PeerFault, match="head office does not answer"):
            enrol(office, code_for(SERVER), tmp_path)
        thread.join()
