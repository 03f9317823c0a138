"""What a till and head office say to each other at enrolment, before they share a certificate.

The code travels by voice or paper: base32 of 80 secret bits and the first 80 bits of SHA-256 of the certificate that
head office's HTTPS shows. The rest is JSON over that HTTPS.
"""

import base64
from dataclasses import dataclass, field
from typing import Final

from daemon.domain.ids import ShopId, SiteId
from daemon.errors import OperatorMistake

SECRET_BYTES: Final = 10
PIN_BYTES: Final = 10
PATH: Final = "/enrol"
BODY_BYTES_MAX: Final = 16 * 1024
PIN_KEY_BYTES: Final = 32

_TEXT_LENGTH: Final = (SECRET_BYTES + PIN_BYTES) * 8 // 5
_SIGNS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_MISREAD: Final = str.maketrans({"0": "O", "1": "I", "8": "B", "-": "", " ": ""})


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolmentCode:
    """A code taken apart: what the till proves, and how it recognises head office."""

    secret: bytes = field(repr=False)
    pin: bytes

    def __post_init__(self) -> None:
        """Both halves have 80 bits."""
        assert len(self.secret) == SECRET_BYTES
        assert len(self.pin) == PIN_BYTES

    def pins(self, fingerprint: bytes) -> bool:
        """Whether a certificate of this SHA-256 is the one that the code names."""
        return fingerprint[:PIN_BYTES] == self.pin


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolmentRequest:
    """What the till posts to `PATH`; `signing_request` is PEM."""

    secret: bytes = field(repr=False)
    signing_request: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolled:
    """Head office's answer: who this till is from now on, and what it shares with the chain.

    `certificate` and `authority` are PEM; `pin_key` has 32 bytes and is kept outside the database.
    """

    certificate: str
    authority: str
    site: SiteId
    shop: ShopId
    chain: str
    broker_host: str
    broker_port: int
    pin_key: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """Head office's answer when it does not enrol (RFC 9457)."""

    title: str
    status: int


def write_code(code: EnrolmentCode) -> str:
    """The code as it is read out: eight groups of four letters and digits."""
    text = base64.b32encode(code.secret + code.pin).decode("ascii")
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def read_code(text: str) -> EnrolmentCode:
    """Read a typed code: either case, any grouping, 0 for O, 1 for I and 8 for B; raises OperatorMistake."""
    compact = "".join(text.split()).upper().translate(_MISREAD)
    if len(compact) != _TEXT_LENGTH:
        sentence = f"the enrolment code has {_TEXT_LENGTH} letters and digits, this one has {len(compact)}"
        raise OperatorMistake(sentence, field="code")
    if not set(compact) <= _SIGNS:
        raise OperatorMistake("the enrolment code holds a sign that no code has", field="code")
    raw = base64.b32decode(compact)
    return EnrolmentCode(secret=raw[:SECRET_BYTES], pin=raw[SECRET_BYTES:])
