"""The till's next certificate: asked for over the line that it has, stored before it is used."""

import logging
from pathlib import Path
from threading import Lock
from typing import Final

from daemon.errors import OperatorMistake, PeerFault, StoreFault
from daemon.journal import event, failure
from daemon.sync.identity import Identity, pending_key, save_renewal
from daemon.sync.wire_renewal import RenewalWanted, Renewed
from daemon.tls import Validity

log = logging.getLogger(__name__)

LOOK_S: Final = 60.0
"""So often the till looks at its certificate: its clock may be set right by head office meanwhile."""
ASK_AGAIN_MS: Final = 3_600_000


def should_ask(validity: Validity, now_ms: int, asked_ms: int | None) -> bool:
    """Whether to ask now: the certificate is due, and the last question is an hour old."""
    return validity.renewal_due(now_ms) and (asked_ms is None or not 0 <= now_ms - asked_ms < ASK_AGAIN_MS)


class Renewal:
    """Who this till is, with the certificate that it holds now. Its methods block for a few fsyncs."""

    def __init__(self, state: Path, identity: Identity) -> None:
        self._state = state
        self._storing = Lock()
        self._asked_ms: int | None = None
        self.identity = identity
        self.validity = identity.validity()

    def current(self) -> Identity:
        """Who to connect as: never between the former files and the next ones, whichever thread asks."""
        with self._storing:
            return self.identity

    def wanted(self, now_ms: int) -> RenewalWanted | None:
        """What to say to head office, if the time has come. The key is on the disk before it is asked for."""
        if not should_ask(self.validity, now_ms, self._asked_ms):
            return None
        from daemon import certificates

        self._asked_ms = now_ms
        try:
            request = certificates.signing_request(pending_key(self._state), str(self.identity.site))
        except (OperatorMistake, StoreFault) as fault:
            failure(log, "renewal-failed", fault)
            return None
        event(log, "renewal-asked", site=int(self.identity.site))
        return RenewalWanted(request)

    def received(self, answer: Renewed) -> None:
        """Store the certificate; the next link is opened with it. One that is not ours is told and forgotten."""
        if self._asked_ms is None:
            return  # another box with this till's disk has asked
        try:
            certificate = answer.certificate_pem.decode("ascii")
            with self._storing:
                identity = save_renewal(self._state, self.identity, certificate, pending_key(self._state))
                self.identity, self.validity = identity, identity.validity()
        except (OperatorMistake, PeerFault, StoreFault) as fault:
            failure(log, "renewal-failed", fault)
            return
        self._asked_ms = None
        event(log, "renewal-stored", site=int(self.identity.site))
