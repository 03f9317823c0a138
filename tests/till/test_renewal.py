"""The next certificate: asked for in time, stored before it is used, and only if it is ours."""

from dataclasses import replace
from pathlib import Path

import pytest

from daemon import certificates
from daemon.domain.ids import ShopId, SiteId
from daemon.sync.enrol_wire import Enrolled
from daemon.sync.identity import load_identity, pending_key, save_identity
from daemon.sync.wire_renewal import RenewalWanted, Renewed
from daemon.till.renewal import ASK_AGAIN_MS, Renewal, should_ask
from daemon.tls import Validity

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
LATE_MS = NOW_MS + 600 * DAY_MS
AUTHORITY = certificates.create_authority("essai", NOW_MS)


def renewal_of(state: Path) -> Renewal:
    """A till whose certificate was made at NOW_MS."""
    key_pem = pending_key(state)
    request = certificates.signing_request(key_pem, "till")
    enrolled = Enrolled(
        certificate=certificates.issue_client(AUTHORITY, request, "7", NOW_MS).decode(),
        authority=AUTHORITY.certificate_pem.decode(),
        site=SiteId(7),
        shop=ShopId(1),
        chain="essai",
        broker_host="broker.example",
        broker_port=8883,
        pin_key=bytes(32),
    )
    return Renewal(state, save_identity(state, enrolled, key_pem))


def answer_to(wanted: RenewalWanted, name: str = "7") -> Renewed:
    return Renewed(certificates.issue_client(AUTHORITY, wanted.request_pem, name, LATE_MS))


def test_nothing_is_asked_before_the_last_third_and_then_once_an_hour() -> None:
    validity = Validity(not_before_ms=0, not_after_ms=300)
    assert [should_ask(validity, now_ms, None) for now_ms in (0, 200, 201, 400)] == [False, False, True, True]
    assert not should_ask(validity, 250, 240)
    assert should_ask(validity, 240 + ASK_AGAIN_MS, 240)
    assert should_ask(validity, 250, 260), "the clock was set back since"


def test_a_fresh_certificate_is_left_alone(tmp_path: Path) -> None:
    renewal = renewal_of(tmp_path)
    assert renewal.wanted(NOW_MS + DAY_MS) is None


def test_the_next_certificate_is_stored_and_is_the_one_to_connect_with(tmp_path: Path) -> None:
    renewal = renewal_of(tmp_path)
    former = renewal.identity
    wanted = renewal.wanted(LATE_MS)
    assert wanted is not None
    renewal.received(answer_to(wanted))
    assert renewal.identity != former
    assert load_identity(tmp_path) == renewal.identity
    assert renewal.identity == replace(former, folder=renewal.identity.folder)
    assert not former.folder.exists()
    assert renewal.validity.not_after_ms == LATE_MS + certificates.LEAF_DAYS * DAY_MS
    renewal.identity.tls()
    assert renewal.wanted(LATE_MS + DAY_MS) is None


def test_a_question_whose_answer_was_lost_is_repeated_with_the_same_key(tmp_path: Path) -> None:
    renewal = renewal_of(tmp_path)
    first = renewal.wanted(LATE_MS)
    assert renewal.wanted(LATE_MS + 1) is None
    again = renewal.wanted(LATE_MS + ASK_AGAIN_MS)
    assert first is not None
    assert again is not None
    digests = {certificates.request_key_digest(one.request_pem) for one in (first, again)}
    assert len(digests) == 1
    restarted = Renewal(tmp_path, renewal.identity).wanted(LATE_MS)
    assert restarted is not None
    assert certificates.request_key_digest(restarted.request_pem) in digests


@pytest.mark.parametrize("case", ["of another till", "of another key", "of nobody", "not asked for"])
def test_a_certificate_that_is_not_ours_changes_nothing(tmp_path: Path, case: str) -> None:
    renewal = renewal_of(tmp_path)
    former = renewal.identity
    wanted = RenewalWanted(b"") if case == "not asked for" else renewal.wanted(LATE_MS)
    assert wanted is not None
    if case == "of another till":
        answer = answer_to(wanted, "8")
    elif case == "of another key":
        answer = answer_to(RenewalWanted(certificates.signing_request(certificates.new_key(), "x")))
    else:
        answer = Renewed(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    renewal.received(answer)
    assert renewal.identity == load_identity(tmp_path) == former
    former.tls()
