"""The till's side of enrolment: recognise head office by the code, post a signing request, become a till."""

import http.client
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from typing_extensions import override

from daemon import certificates
from daemon.errors import ComptoirError, OperatorMistake, PeerFault
from daemon.sync import enrol_wire
from daemon.sync.enrol_wire import (
    BODY_BYTES_MAX,
    PATH,
    PIN_KEY_BYTES,
    Enrolled,
    EnrolmentCode,
    EnrolmentRequest,
    Refused,
)
from daemon.sync.identity import Identity, pending_key, save_identity
from daemon.typed import parse_json, to_json

TIMEOUT_S: Final = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadOffice:
    """Where head office's HTTPS is reached."""

    host: str
    port: int

    @override
    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def enrol(office: HeadOffice, code_text: str, state: Path) -> Identity:
    """Use a one-use code; what head office answers is in `state` when this returns. Blocks: call it in a thread.

    May be repeated with the same code when the answer was lost. Raises OperatorMistake (the code is mistyped, outdated,
    used), PeerFault (nobody there, or not the head office that wrote the code), StoreFault.
    """
    code = enrol_wire.read_code(code_text)
    key_pem = pending_key(state)
    request = EnrolmentRequest(
        secret=code.secret, signing_request=certificates.signing_request(key_pem, "till").decode()
    )
    status, body = _post(office, code, to_json(request))
    if status != http.client.OK:
        raise _refusal(office, status, body)
    return save_identity(state, _enrolled(office, body), key_pem)


class _PinnedConnection(http.client.HTTPSConnection):
    """HTTPS that sends nothing before the server has shown the very certificate that the code names."""

    def __init__(self, office: HeadOffice, code: EnrolmentCode) -> None:
        # No authority vouches for head office yet; the pin does, and it is checked before the first byte.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(office.host, office.port, timeout=TIMEOUT_S, context=context)
        self._office = office
        self._code = code

    @override
    def connect(self) -> None:
        super().connect()
        assert isinstance(self.sock, ssl.SSLSocket)
        shown = self.sock.getpeercert(binary_form=True)
        if shown is None or not self._code.pins(certificates.fingerprint_of_der(shown)):
            self.close()
            raise PeerFault(f"{self._office} is not the head office that wrote this code, or the code is mistyped")


def _post(office: HeadOffice, code: EnrolmentCode, body: bytes) -> tuple[int, bytes]:
    connection = _PinnedConnection(office, code)
    try:
        connection.request("POST", PATH, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read(BODY_BYTES_MAX)
    except (OSError, http.client.HTTPException) as failure:
        raise PeerFault(f"head office does not answer at {office}: {failure}") from failure
    finally:
        connection.close()


def _refusal(office: HeadOffice, status: int, body: bytes) -> ComptoirError:
    """Head office's own sentence where it has one; above 499 it is at fault."""
    try:
        sentence = parse_json(body, Refused).title
    except OperatorMistake:
        sentence = f"{office} answers {status} and no sentence that we know"
    return PeerFault(sentence) if status >= http.client.INTERNAL_SERVER_ERROR else OperatorMistake(sentence)


def _enrolled(office: HeadOffice, body: bytes) -> Enrolled:
    try:
        enrolled = parse_json(body, Enrolled)
    except OperatorMistake as wrong:
        raise PeerFault(f"head office at {office} gives an answer that is none: {wrong}") from wrong
    if len(enrolled.pin_key) != PIN_KEY_BYTES or enrolled.site < 1 or enrolled.shop < 1:
        raise PeerFault(f"head office at {office} gives an answer that cannot be")
    return enrolled
