"""The dates of a certificate, and TLS on a box that does not know what time it is."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from daemon import certificates
from daemon.clock import SystemClock
from daemon.errors import PeerFault
from daemon.sync.link import LinkSettings
from daemon.sync.mqtt import connect
from daemon.tls import KnownTime, Validity, client_tls, refusal_of, validity_of
from tests.fakes.mosquitto import free_port, running_mosquitto

NOW_MS = 1_790_000_000_000
AUTHORITY = certificates.create_authority("essai", NOW_MS)


def at(year: int) -> int:
    return int(datetime(year, 6, 1, tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize("now_ms", [NOW_MS, at(2049), at(2051)])
def test_the_dates_are_those_that_the_library_reads(now_ms: int) -> None:
    pair = certificates.issue_server(AUTHORITY, ("localhost",), now_ms)
    found, read = certificates.facts(pair.certificate_pem), validity_of(pair.joined())
    assert (read.not_before_ms, read.not_after_ms) == (found.not_before_ms, found.not_after_ms)
    for days in (0, 480, 490, 800):
        moment = now_ms + days * 86_400_000
        assert read.renewal_due(moment) is found.renewal_due(moment)


def test_a_certificate_is_due_in_the_last_third_of_its_life() -> None:
    validity = Validity(not_before_ms=0, not_after_ms=900)
    assert [validity.renewal_due(now_ms) for now_ms in (600, 601)] == [False, True]


@pytest.mark.parametrize("raw", [b"", b"\xff", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(PeerFault, match="the certificate cannot be read"):
        validity_of(raw)


@given(cut=some.integers(0, 2000), flip=some.integers(0, 255))
def test_a_damaged_certificate_is_refused_or_read_and_nothing_else(cut: int, flip: int) -> None:
    raw = bytearray(AUTHORITY.certificate_pem)
    raw[cut % len(raw)] = flip
    with contextlib.suppress(PeerFault):
        assert isinstance(validity_of(bytes(raw)), Validity)


YEAR_MS = 366 * 86_400_000
TODAY_MS = SystemClock().now_ms()


def unsure(at_ms: int) -> KnownTime:
    return KnownTime(at_ms=at_ms, is_sure=False)


@pytest.mark.parametrize(
    ("at_ms", "is_sure", "refusal"),
    [
        (150, True, ""),
        (150, False, ""),
        (99, True, "certificate is not yet valid"),
        (99, False, ""),
        (201, True, "certificate has expired"),
        (201, False, "certificate has expired"),
    ],
)
def test_what_had_ended_is_refused_and_what_has_not_begun_only_by_who_is_sure(
    at_ms: int, is_sure: bool, refusal: str
) -> None:
    validity = Validity(not_before_ms=100, not_after_ms=200)
    assert refusal_of(validity, KnownTime(at_ms=at_ms, is_sure=is_sure)) == refusal


class Broker:
    """A real broker whose certificate was made so many years from now: as a box sees it whose clock is as wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        (folder / "till.pem").write_bytes(b"")

    def files(self, years: int) -> str:
        made_ms = TODAY_MS + years * YEAR_MS
        authority = certificates.create_authority("essai", max(made_ms, TODAY_MS))
        server = certificates.issue_server(authority, ["localhost"], made_ms)
        key_pem = certificates.new_key()
        request = certificates.signing_request(key_pem, "2")
        ours = certificates.issue_client(authority, request, "2", made_ms)
        for name, content in {
            "authority.crt": authority.certificate_pem,
            "server.pem": server.joined(),
            "till.pem": certificates.KeyPair(key_pem=key_pem, certificate_pem=ours).joined(),
        }.items():
            (self.folder / name).write_bytes(content)
        pem = self.folder / "server.pem"
        return (
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nrequire_certificate false\n"
            f"certfile {pem}\nkeyfile {pem}\ncafile {self.folder / 'authority.crt'}\n"
        )

    def settings(self, time: KnownTime | None) -> LinkSettings:
        tls = client_tls(
            authority=self.folder / "authority.crt",
            certificate=self.folder / "till.pem",
            time=None if time is None else lambda: time,
        )
        return LinkSettings(host="localhost", port=self.port, client_id="2", tls=tls)


@pytest.fixture(params=[-15, 15], ids=["a clock years ahead", "a clock in the past"])
def wrong(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Broker, int]]:
    broker = Broker(tmp_path)
    with running_mosquitto(tmp_path, broker.files(request.param), broker.port):
        yield broker, TODAY_MS + request.param * YEAR_MS


@pytest.mark.needs("mosquitto")
async def test_a_box_with_a_wrong_clock_is_let_in_and_lets_in(wrong: tuple[Broker, int]) -> None:
    broker, made_ms = wrong
    ours = validity_of((broker.folder / "till.pem").read_bytes())
    assert ours.not_before_ms < made_ms
    async with connect(broker.settings(unsure(ours.not_before_ms))) as link:
        await link.publish("st/2", b"here", expiry_s=5)


@pytest.mark.needs("mosquitto")
async def test_without_a_word_on_the_time_the_clock_of_the_machine_decides(wrong: tuple[Broker, int]) -> None:
    broker, _ = wrong
    with pytest.raises(PeerFault, match=r"expired|not yet valid"):
        async with connect(broker.settings(None)):
            pass


@pytest.mark.needs("mosquitto")
async def test_who_is_sure_of_the_time_refuses_what_does_not_count_now(wrong: tuple[Broker, int]) -> None:
    broker, _ = wrong
    with pytest.raises(PeerFault, match=r"does not let us in: .*(has expired|is not yet valid)"):
        async with connect(broker.settings(KnownTime(at_ms=TODAY_MS, is_sure=True))):
            pass


@pytest.mark.needs("mosquitto")
async def test_even_who_is_not_sure_refuses_what_had_ended_before_its_own_began(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    with (
        running_mosquitto(tmp_path, broker.files(-15), broker.port),
        pytest.raises(PeerFault, match="certificate has expired"),
    ):
        async with connect(broker.settings(unsure(TODAY_MS))):
            pass
