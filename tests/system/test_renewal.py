"""A certificate near its end: the till asks for the next one over the line that it has, and connects with it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon import certificates
from daemon.certificates import KeyPair
from daemon.clock import SystemClock
from daemon.head_office.founding import KEYS
from daemon.hub.chain_keys import AUTHORITY
from daemon.sync.identity import Identity, load_identity, pending_key, save_renewal
from tests.system.processes import Chain, Daemon, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")

DAY_MS = 86_400_000
UNHEARD_S = 8.0
"""A till that is heard is online within a second or two."""


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1,)) as running:
        yield running


def state_of(till: Daemon) -> Path:
    return till.api.path.parent


def identity_of(till: Daemon) -> Identity:
    found = load_identity(state_of(till))
    assert found is not None
    return found


def shorten(chain: Chain, till: Daemon, days_left: int) -> None:
    """Give a stopped till the certificate that it would hold near the end of its two years."""
    authority = KeyPair.split((chain.directory / "hub" / KEYS / AUTHORITY).read_bytes())
    made_ms = SystemClock().now_ms() - (certificates.LEAF_DAYS - days_left) * DAY_MS
    state, identity = state_of(till), identity_of(till)
    key_pem = pending_key(state)
    request = certificates.signing_request(key_pem, "till")
    pem = certificates.issue_client(authority, request, str(identity.site), made_ms)
    save_renewal(state, identity, pem.decode(), key_pem)


def is_online(till: Daemon) -> bool:
    return bool(till.replication()["link"]["online"])


@pytest.mark.feature("E6.2")
def test_a_till_renews_its_certificate_over_the_line_and_connects_with_it(chain: Chain) -> None:
    (till,) = chain.tills
    till.stop()
    shorten(chain, till, days_left=40)
    former = identity_of(till)
    former_end_ms = former.validity().not_after_ms
    till.start()
    until(lambda: identity_of(till).folder != former.folder, "the next certificate")
    renewed = identity_of(till)
    assert renewed.validity().not_after_ms > former_end_ms + 600 * DAY_MS
    until(lambda: not former.folder.exists(), "the former one to go: the next line is opened with this one")
    until(lambda: is_online(till), "the line")
    shown = chain.hub.api.get("/tills")[0]["certificate_until"]
    assert shown == till.replication()["link"]["certificate_until"]
    chain.broker.kill()
    until(lambda: not is_online(till), "the loss of the line")
    chain.start_broker()
    until(lambda: is_online(till), "the line with the new certificate", 60)
    chain.settle()


def test_a_till_that_was_withdrawn_gets_no_certificate(chain: Chain) -> None:
    (till,) = chain.tills
    till.stop()
    shorten(chain, till, days_left=40)
    former = identity_of(till)
    site = int(former.site)
    # The broker has not read its files again yet: the till is let in, and head office alone knows.
    assert chain.hub.api.ask("POST", f"/tills/{site}/revoke")[0] == 204
    till.start()
    time.sleep(UNHEARD_S)
    assert not is_online(till), "head office neither listens nor answers"
    assert "renewal-signed" not in chain.hub.log.read_text()
    assert identity_of(till) == former
