import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from daemon import certificates
from daemon.certificates import Revocation
from daemon.domain.ids import ShopId, SiteId
from daemon.errors import Forbidden, NotFound, PeerFault, StoreFault
from daemon.hub.enrolment import (
    CODE_LIFE_MS,
    MISSES_MAX,
    MISSES_WINDOW_MS,
    Admit,
    EnrolmentOffice,
    Refuse,
    Repeat,
    Seat,
    Terms,
    Throttle,
    judge,
)
from daemon.store.database import Database, open_database
from daemon.store.enrolments import CodeRow
from daemon.sync.enrol_wire import Enrolled, EnrolmentRequest, read_code
from daemon.typed import parse_json, to_json

NOW_MS = 1_790_000_000_000
PARIS = ShopId(75)
AUTHORITY = certificates.create_authority("essai", NOW_MS)
SERVER = certificates.issue_server(AUTHORITY, ["hub.example"], NOW_MS)
TERMS = Terms(chain="essai", broker_host="broker.example", broker_port=8883, pin_key=bytes(range(32)))


class AccessRecord:
    """Keeps what the broker would have been told; may refuse, as a full disk does."""

    def __init__(self) -> None:
        self.seats: Sequence[Seat] = ()
        self.revoked: Sequence[Revocation] = ()
        self.full = False
        self.threads: set[int] = set()

    def write(self, seats: Sequence[Seat], revoked: Sequence[Revocation], now_ms: int) -> bool:
        self.threads.add(threading.get_ident())
        if self.full:
            raise StoreFault("the access list could not be written: No space left on device")
        self.seats, self.revoked = seats, revoked
        return True

    def listed(self) -> Sequence[Revocation]:
        return self.revoked


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "hub.db") as database:
        yield database


@pytest.fixture
def access() -> AccessRecord:
    return AccessRecord()


@pytest.fixture
def office(database: Database, access: AccessRecord) -> EnrolmentOffice:
    return EnrolmentOffice(database=database, authority=AUTHORITY, server=SERVER, terms=TERMS, access=access)


def request_of(key_pem: bytes | None = None) -> bytes:
    return certificates.signing_request(key_pem or certificates.new_key(), "till")


def body(secret: bytes, csr_pem: bytes) -> bytes:
    return to_json(EnrolmentRequest(secret=secret, signing_request=csr_pem.decode()))


async def secret_for(office: EnrolmentOffice, shop: ShopId = PARIS) -> bytes:
    return read_code(await office.add_till(shop, NOW_MS)).secret


# The decision.


CODE = CodeRow(secret_digest=b"", shop=PARIS, expires_ms=NOW_MS)
USED = CodeRow(secret_digest=b"", shop=PARIS, expires_ms=NOW_MS, site=SiteId(4), key_digest=b"key")


@pytest.mark.parametrize(
    ("code", "key_digest", "now_ms", "verdict"),
    [
        (None, b"key", NOW_MS - 1, Refuse("head office never wrote this enrolment code")),
        (CODE, b"key", NOW_MS - 1, Admit(PARIS)),
        (CODE, b"key", NOW_MS, Refuse("this enrolment code is outdated: have head office write another")),
        (USED, b"key", NOW_MS - 1, Repeat(SiteId(4))),
        (USED, b"other", NOW_MS - 1, Refuse("this enrolment code was used already")),
        (USED, b"key", NOW_MS, Refuse("this enrolment code is outdated: have head office write another")),
    ],
)
def test_a_code_is_good_once_within_its_life_for_one_key(
    code: CodeRow | None, key_digest: bytes, now_ms: int, verdict: Admit | Repeat | Refuse
) -> None:
    assert judge(code, key_digest, now_ms) == verdict


def test_a_caller_who_is_often_wrong_waits_and_nobody_else_does() -> None:
    throttle = Throttle()
    for _ in range(MISSES_MAX):
        assert not throttle.blocked("10.0.0.1", NOW_MS)
        throttle.miss("10.0.0.1", NOW_MS)
    assert throttle.blocked("10.0.0.1", NOW_MS)
    assert not throttle.blocked("10.0.0.2", NOW_MS)
    assert throttle.blocked("10.0.0.1", NOW_MS + MISSES_WINDOW_MS - 1)
    assert not throttle.blocked("10.0.0.1", NOW_MS + MISSES_WINDOW_MS)
    assert not throttle.blocked("10.0.0.1", NOW_MS - 1), "a clock set back locks nobody out"
    throttle.miss("10.0.0.1", NOW_MS + MISSES_WINDOW_MS)
    assert not throttle.blocked("10.0.0.1", NOW_MS + MISSES_WINDOW_MS)


def test_a_flood_of_callers_takes_a_bounded_room() -> None:
    throttle = Throttle()
    for number in range(10_000):
        throttle.miss(str(number), NOW_MS)
    assert len(throttle._misses) == 4096


# The office.


async def test_a_new_till_gets_a_certificate_its_number_and_the_chains_terms(
    office: EnrolmentOffice, access: AccessRecord
) -> None:
    key_pem = certificates.new_key()
    enrolled = await office.accept(request_of(key_pem), await secret_for(office), NOW_MS)
    found = certificates.check_issued(enrolled.certificate.encode(), AUTHORITY.certificate_pem, key_pem)
    assert found.common_name == "2"
    assert enrolled == Enrolled(
        certificate=enrolled.certificate,
        authority=AUTHORITY.certificate_pem.decode(),
        site=SiteId(2),
        shop=PARIS,
        chain="essai",
        broker_host="broker.example",
        broker_port=8883,
        pin_key=bytes(range(32)),
    )
    assert access.seats == [Seat(site=SiteId(2), shop=PARIS)]
    assert threading.get_ident() not in access.threads, "fsyncs are not for the loop's thread"


async def test_the_code_names_head_offices_certificate(office: EnrolmentOffice) -> None:
    code = read_code(await office.add_till(PARIS, NOW_MS))
    assert code.pins(certificates.facts(SERVER.certificate_pem).fingerprint)


async def test_the_secret_is_nowhere_in_the_database(office: EnrolmentOffice, database: Database) -> None:
    secret = await secret_for(office)
    content = database.path.read_bytes() + database.path.with_name("hub.db-wal").read_bytes()
    assert secret not in content


async def test_a_second_key_is_refused_and_the_first_gets_the_same_answer_again(office: EnrolmentOffice) -> None:
    csr_pem, secret = request_of(), await secret_for(office)
    first = await office.accept(csr_pem, secret, NOW_MS)
    with pytest.raises(Forbidden, match="used already"):
        await office.accept(request_of(), secret, NOW_MS + 1)
    assert await office.accept(csr_pem, secret, NOW_MS + 2) == first


async def test_two_tills_that_use_one_code_at_once_get_one_number(office: EnrolmentOffice) -> None:
    secret = await secret_for(office)
    sites: list[int] = []

    async def attempt() -> None:
        try:
            sites.append((await office.accept(request_of(), secret, NOW_MS)).site)
        except Forbidden:
            sites.append(0)

    async with asyncio.TaskGroup() as tasks:
        for number in range(5):
            tasks.create_task(attempt(), name=f"till {number}")
    assert sorted(sites) == [0, 0, 0, 0, 2]


async def test_an_unreadable_request_does_not_use_the_code_up(office: EnrolmentOffice) -> None:
    secret = await secret_for(office)
    with pytest.raises(PeerFault, match="cannot be read"):
        await office.accept(b"nonsense", secret, NOW_MS)
    assert (await office.accept(request_of(), secret, NOW_MS)).site == 2


async def test_a_till_that_the_broker_was_not_told_of_asks_again(office: EnrolmentOffice, access: AccessRecord) -> None:
    secret, csr_pem = await secret_for(office), request_of()
    access.full = True
    status, _ = await office.enrol(body(secret, csr_pem), NOW_MS)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    access.full = False
    status, _ = await office.enrol(body(secret, csr_pem), NOW_MS)
    assert status == HTTPStatus.OK
    assert access.seats == [Seat(site=SiteId(2), shop=PARIS)]


async def test_a_withdrawn_till_leaves_the_broker_its_certificates_listed(
    office: EnrolmentOffice, access: AccessRecord
) -> None:
    csr_pem, secret = request_of(), await secret_for(office)
    enrolled = await office.accept(csr_pem, secret, NOW_MS)
    renewed = await office.renew(SiteId(2), request_of(), NOW_MS + 1)
    await office.accept(request_of(), await secret_for(office), NOW_MS)
    await office.revoke(SiteId(2), NOW_MS + 5)
    await office.revoke(SiteId(2), NOW_MS + 9)
    serials = {certificates.facts(pem).serial for pem in (enrolled.certificate.encode(), renewed)}
    assert access.seats == [Seat(site=SiteId(3), shop=PARIS)]
    assert {(entry.serial, entry.revoked_ms) for entry in access.revoked} == {(one, NOW_MS + 5) for one in serials}
    with pytest.raises(Forbidden, match="till 2 was withdrawn"):
        await office.renew(SiteId(2), csr_pem, NOW_MS + 10)
    with pytest.raises(Forbidden, match="till 2 was withdrawn"):
        await office.accept(csr_pem, secret, NOW_MS + 10)


async def test_a_head_office_that_was_put_back_learns_from_the_broker_who_was_withdrawn_since(
    office: EnrolmentOffice, access: AccessRecord
) -> None:
    csr_pem, secret = request_of(), await secret_for(office)
    enrolled = await office.accept(csr_pem, secret, NOW_MS)
    await office.accept(request_of(), await secret_for(office), NOW_MS)
    serial = certificates.facts(enrolled.certificate.encode()).serial
    # One of the two was signed after the backup: nobody knows here whose it was.
    access.revoked = [Revocation(serial=one, revoked_ms=NOW_MS + 5) for one in (serial, "ab")]
    assert await office.recall_withdrawn() == (SiteId(2),)
    assert await office.recall_withdrawn() == ()
    await office.announce(NOW_MS + 9)
    assert access.seats == [Seat(site=SiteId(3), shop=PARIS)]
    assert {(entry.serial, entry.revoked_ms) for entry in access.revoked} == {
        (one, NOW_MS + 5) for one in (serial, "ab")
    }
    with pytest.raises(Forbidden, match="till 2 was withdrawn"):
        await office.renew(SiteId(2), csr_pem, NOW_MS + 10)


async def test_a_till_that_never_was_cannot_be_withdrawn_nor_renewed(office: EnrolmentOffice) -> None:
    with pytest.raises(NotFound, match="no till 9"):
        await office.revoke(SiteId(9), NOW_MS)
    with pytest.raises(NotFound, match="no till 9"):
        await office.renew(SiteId(9), request_of(), NOW_MS)


async def test_a_renewal_is_for_the_same_site_and_repeats_its_answer(office: EnrolmentOffice) -> None:
    first_key, next_key = certificates.new_key(), certificates.new_key()
    enrolled = await office.accept(request_of(first_key), await secret_for(office), NOW_MS)
    late_ms = NOW_MS + 500 * 86_400_000
    renewed = await office.renew(SiteId(2), request_of(next_key), late_ms)
    assert certificates.check_issued(renewed, AUTHORITY.certificate_pem, next_key).common_name == "2"
    assert await office.renew(SiteId(2), request_of(next_key), late_ms + 1) == renewed
    assert renewed != enrolled.certificate.encode()
    same_key = await office.renew(SiteId(2), request_of(next_key), late_ms + 500 * 86_400_000)
    assert same_key != renewed


async def test_without_a_broker_of_its_own_the_office_still_enrols(database: Database) -> None:
    office = EnrolmentOffice(database=database, authority=AUTHORITY, server=SERVER, terms=TERMS, access=None)
    assert (await office.accept(request_of(), await secret_for(office), NOW_MS)).site == 2


# What is answered over HTTPS.


async def test_a_good_request_is_answered_with_all_that_a_till_needs(office: EnrolmentOffice) -> None:
    status, answer = await office.enrol(body(await secret_for(office), request_of()), NOW_MS)
    assert status == HTTPStatus.OK
    assert parse_json(answer, Enrolled).site == 2


async def test_a_code_lives_a_day(office: EnrolmentOffice) -> None:
    request = body(await secret_for(office), request_of())
    status, answer = await office.enrol(request, NOW_MS + CODE_LIFE_MS)
    assert (status, json.loads(answer)["status"]) == (HTTPStatus.FORBIDDEN, 403)
    assert "outdated" in json.loads(answer)["title"]
    status, _ = await office.enrol(request, NOW_MS + CODE_LIFE_MS - 1)
    assert status == HTTPStatus.OK


async def test_guessing_is_slowed_down_for_the_one_who_guesses(office: EnrolmentOffice) -> None:
    good, guess = body(await secret_for(office), request_of()), body(bytes(10), request_of())
    for _ in range(MISSES_MAX):
        status, answer = await office.enrol(guess, NOW_MS, caller="10.0.0.9")
        assert status == HTTPStatus.FORBIDDEN
        assert "never wrote" in json.loads(answer)["title"]
    status, answer = await office.enrol(good, NOW_MS, caller="10.0.0.9")
    assert status == HTTPStatus.TOO_MANY_REQUESTS
    assert "wait ten minutes" in json.loads(answer)["title"]
    status, _ = await office.enrol(good, NOW_MS, caller="10.0.0.1")
    assert status == HTTPStatus.OK


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", HTTPStatus.BAD_REQUEST),
        (b"[]", HTTPStatus.BAD_REQUEST),
        (b"\xff{}", HTTPStatus.BAD_REQUEST),
        (b'{"secret": "AAAA"}', HTTPStatus.BAD_REQUEST),
        (b'{"secret": "not base 64!", "signing_request": ""}', HTTPStatus.BAD_REQUEST),
        (b'{"secret": "AAAA", "signing_request": "\\ud800"}', HTTPStatus.BAD_REQUEST),
        (b'{"secret": "AAAA", "signing_request": "no request"}', HTTPStatus.BAD_REQUEST),
        (b'{"secret": "AAAA", "signing_request": 1}', HTTPStatus.BAD_REQUEST),
        (b"[" * 20_000, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    ],
)
async def test_a_body_that_is_no_request_is_refused_in_one_sentence(
    office: EnrolmentOffice, raw: bytes, status: HTTPStatus
) -> None:
    answer = await office.enrol(raw, NOW_MS)
    assert answer[0] == status
    assert json.loads(answer[1])["title"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(raw=some.one_of(some.binary(), some.fixed_dictionaries({"secret": some.text(), "signing_request": some.text()})))
async def test_no_body_is_worse_than_refused(office: EnrolmentOffice, raw: bytes | dict[str, str]) -> None:
    status, _ = await office.enrol(raw if isinstance(raw, bytes) else json.dumps(raw).encode(), NOW_MS, caller=str(raw))
    assert HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
