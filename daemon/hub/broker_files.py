"""What the hub writes for mosquitto: its configuration, its access list, the certificates that count no more.

Mosquitto reads them again on SIGHUP. The hub has no right to send one: a unit of the system watches the file that is
written last, `generation`, and reloads the broker.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon import certificates
from daemon.certificates import KeyPair, Revocation
from daemon.domain.ids import HUB_SITE
from daemon.durable_file import write_durably
from daemon.errors import StoreFault
from daemon.hub.enrolment import Seat
from daemon.sync.topics import Topics

FOR_BROKER: Final = 0o640
"""The hub writes, the broker's group reads: the directory gives its group to what is made in it (setgid)."""
CONFIGURATION: Final = "comptoir.conf"
ACCESS: Final = "access"
AUTHORITY: Final = "authority.crt"
SERVER: Final = "broker.pem"
REVOKED: Final = "revoked.crl"
GENERATION: Final = "generation"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """Where the broker listens; an empty host is every interface."""

    host: str
    port: int


def configuration(directory: Path, listener: Listener) -> str:
    """The part of mosquitto.conf that the chain rests on."""
    return f"""\
# Written by the hub; what is changed here is lost.

listener {listener.port} {listener.host}
cafile {directory / AUTHORITY}
# Key and certificate in one file, so that they are replaced as one.
certfile {directory / SERVER}
keyfile {directory / SERVER}
crlfile {directory / REVOKED}
tls_version tlsv1.3
require_certificate true
# The certificate's name is the site's number, and the client id too: else one till could kick another off.
use_identity_as_username true
use_username_as_clientid true
allow_anonymous false
acl_file {directory / ACCESS}

# Nagle's algorithm would hold small answers back for 40 ms.
set_tcp_nodelay true
# A till keeps 64 publishes under way; the default announces 20.
max_inflight_messages 256
# The default drops the 1001st message for a slow till without a word, and every one costs a range to fetch.
max_queued_messages 20000
# A frame has 64 KiB at most.
max_packet_size 131072
"""


def access_list(topics: Topics, seats: Iterable[Seat]) -> str:
    """Who may say and hear what. A line for each till, not a pattern for all: a withdrawn till's lines vanish."""
    lines = ["# Written by the hub; what is changed here is lost.", "", f"user {HUB_SITE}"]
    lines += [f"topic read {topic}" for topic in topics.heard_by_hub()]
    lines += [f"topic write {topic}" for topic in topics.said_by_hub(HUB_SITE)]
    for seat in seats:
        lines += ["", f"user {seat.site}"]
        lines += [f"topic read {topic}" for topic in topics.heard_by_till(seat.site, seat.shop)]
        lines += [f"topic write {topic}" for topic in topics.said_by_till(seat.site)]
    return "\n".join(lines) + "\n"


class BrokerFiles:
    """The directory that mosquitto reads; implements `enrolment.BrokerAccess`."""

    def __init__(self, directory: Path, *, chain: str, listener: Listener, authority: KeyPair, server: KeyPair) -> None:
        self.directory = directory
        self._topics = Topics(chain)
        self._listener = listener
        self._authority = authority
        self._server = server

    def write(self, seats: Sequence[Seat], revoked: Sequence[Revocation], now_ms: int) -> bool:
        """Make the files say this, durably; whether anything changed. Raises StoreFault.

        `generation` names the content and is written last: after a crash in between it still names the old one, and
        the next write does all again.
        """
        files = {
            AUTHORITY: self._authority.certificate_pem,
            SERVER: self._server.joined(),
            ACCESS: access_list(self._topics, seats).encode(),
            CONFIGURATION: configuration(self.directory, self._listener).encode(),
        }
        serials = " ".join(sorted(entry.serial for entry in revoked))
        generation = _generation([*files.values(), serials.encode()])
        if self._written() == generation:
            return False
        # Not part of the generation: every list has another signature and another date.
        files[REVOKED] = certificates.revocation_list(self._authority, revoked, now_ms)
        for name, content in files.items():
            write_durably(self.directory / name, content, mode=FOR_BROKER)
        write_durably(self.directory / GENERATION, generation, mode=FOR_BROKER)
        return True

    def listed(self) -> Sequence[Revocation]:
        """The certificates that the broker was told of; they outlive the database. Raises StoreFault."""
        try:
            return certificates.revocations(self._authority, (self.directory / REVOKED).read_bytes())
        except FileNotFoundError:
            return ()
        except OSError as failure:
            raise StoreFault(f"{self.directory} cannot be read: {failure.strerror}") from failure

    def _written(self) -> bytes:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            return (self.directory / GENERATION).read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as failure:
            raise StoreFault(f"{self.directory} cannot be read: {failure.strerror}") from failure


def _generation(contents: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest().encode() + b"\n"
