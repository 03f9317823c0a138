import pytest

from daemon.domain.ids import ShopId, SiteId
from daemon.store import enrolments
from daemon.store.database import Connection, migrate, open_connection
from daemon.store.enrolments import CertificateRow, CodeRow, SiteRow

PARIS, LYON = ShopId(75), ShopId(69)


@pytest.fixture
def conn() -> Connection:
    conn = open_connection(":memory:")
    migrate(conn)
    return conn


def certificate(serial: str, site: SiteId, not_after_ms: int) -> CertificateRow:
    return CertificateRow(serial=serial, site=site, key_digest=b"k", pem=serial.encode(), not_after_ms=not_after_ms)


def test_tills_are_numbered_after_the_hub_and_never_twice(conn: Connection) -> None:
    numbers = [enrolments.add_site(conn, PARIS, now_ms) for now_ms in (1, 2)]
    enrolments.revoke_site(conn, numbers[1], 3)
    numbers.append(enrolments.add_site(conn, LYON, 4))
    assert numbers == [2, 3, 4]
    assert enrolments.sites(conn) == (
        SiteRow(site=SiteId(2), shop=PARIS, enrolled_ms=1),
        SiteRow(site=SiteId(3), shop=PARIS, enrolled_ms=2, revoked_ms=3),
        SiteRow(site=SiteId(4), shop=LYON, enrolled_ms=4),
    )
    assert enrolments.find_site(conn, SiteId(3)) == enrolments.sites(conn)[1]
    assert enrolments.find_site(conn, SiteId(9)) is None


def test_a_code_is_kept_used_once_and_forgotten(conn: Connection) -> None:
    code = CodeRow(secret_digest=b"digest", shop=PARIS, expires_ms=100)
    enrolments.save_code(conn, code)
    assert enrolments.find_code(conn, b"digest") == code
    enrolments.use_code(conn, b"digest", SiteId(2), b"key")
    used = enrolments.find_code(conn, b"digest")
    assert used is not None
    assert (used.site, used.key_digest) == (2, b"key")
    with pytest.raises(AssertionError, match="used once"):
        enrolments.use_code(conn, b"digest", SiteId(3), b"other")
    enrolments.forget_codes(conn, 100)
    assert enrolments.find_code(conn, b"digest") is not None
    enrolments.forget_codes(conn, 101)
    assert enrolments.find_code(conn, b"digest") is None


def test_a_shop_is_known_from_its_first_code_and_keeps_its_name(conn: Connection) -> None:
    enrolments.save_code(conn, CodeRow(secret_digest=b"1", shop=PARIS, expires_ms=1))
    assert enrolments.shops(conn) == {PARIS: ""}
    enrolments.name_shop(conn, PARIS, "Rivoli")
    enrolments.save_code(conn, CodeRow(secret_digest=b"2", shop=PARIS, expires_ms=1))
    enrolments.name_shop(conn, LYON, "Bellecour")
    assert enrolments.shops(conn) == {LYON: "Bellecour", PARIS: "Rivoli"}


def test_the_newest_certificate_is_the_one_that_lasts_longest(conn: Connection) -> None:
    site = enrolments.add_site(conn, PARIS, 1)
    assert enrolments.newest_certificate(conn, site) is None
    for serial, not_after_ms in (("a", 10), ("c", 30), ("b", 20)):
        enrolments.save_certificate(conn, certificate(serial, site, not_after_ms))
    assert enrolments.newest_certificate(conn, site) == certificate("c", site, 30)


def test_a_withdrawn_till_loses_every_certificate_until_each_runs_out_by_itself(conn: Connection) -> None:
    gone, stays = enrolments.add_site(conn, PARIS, 1), enrolments.add_site(conn, PARIS, 1)
    for row in (certificate("a", gone, 100), certificate("b", gone, 200), certificate("c", stays, 200)):
        enrolments.save_certificate(conn, row)
    enrolments.revoke_site(conn, gone, 50)
    enrolments.revoke_site(conn, gone, 60)
    assert enrolments.revoked_certificates(conn, 99) == (("a", 50), ("b", 50))
    assert enrolments.revoked_certificates(conn, 100) == (("b", 50),)
    site = enrolments.find_site(conn, gone)
    assert site is not None
    assert site.revoked_ms == 50
