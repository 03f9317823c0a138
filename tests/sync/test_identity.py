from dataclasses import replace
from pathlib import Path

import pytest

from daemon import certificates
from daemon.certificates import KeyPair
from daemon.domain.ids import ShopId, SiteId
from daemon.errors import OperatorMistake, PeerFault, StoreFault
from daemon.sync.enrol_wire import Enrolled
from daemon.sync.identity import SETTINGS, load_identity, pending_key, save_identity, save_renewal

NOW_MS = 1_790_000_000_000
AUTHORITY = certificates.create_authority("essai", NOW_MS)


def enrolled_as(site: int, key_pem: bytes, authority: KeyPair = AUTHORITY) -> Enrolled:
    certificate = certificates.issue_client(authority, certificates.signing_request(key_pem, "till"), str(site), NOW_MS)
    return Enrolled(
        certificate=certificate.decode(),
        authority=authority.certificate_pem.decode(),
        site=SiteId(site),
        shop=ShopId(75),
        chain='a "quoted" chäin',
        broker_host="broker.example",
        broker_port=8883,
        pin_key=bytes(range(32)),
    )


def test_before_enrolment_a_till_is_nobody(tmp_path: Path) -> None:
    assert load_identity(tmp_path) is None


def test_an_identity_is_read_back_as_it_was_given(tmp_path: Path) -> None:
    key_pem = pending_key(tmp_path)
    saved = save_identity(tmp_path, enrolled_as(7, key_pem), key_pem)
    assert load_identity(tmp_path) == saved
    assert (saved.site, saved.shop, saved.chain) == (7, 75, 'a "quoted" chäin')
    assert (saved.broker_host, saved.broker_port, saved.pin_key) == ("broker.example", 8883, bytes(range(32)))
    assert not saved.renewal_due(NOW_MS)
    assert saved.renewal_due(NOW_MS + 700 * 86_400_000)
    saved.tls()


def test_every_file_is_the_tills_alone(tmp_path: Path) -> None:
    key_pem = pending_key(tmp_path)
    save_identity(tmp_path, enrolled_as(7, key_pem), key_pem)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"enrolment.toml", "till.pem", "authority.crt", "pin.key"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_dir()} == {0o700}


def test_the_key_that_was_asked_for_is_the_same_until_an_answer_comes(tmp_path: Path) -> None:
    key_pem = pending_key(tmp_path)
    assert pending_key(tmp_path) == key_pem
    save_identity(tmp_path, enrolled_as(7, key_pem), key_pem)
    assert pending_key(tmp_path) != key_pem


def test_enrolling_again_replaces_everything_at_one_moment(tmp_path: Path) -> None:
    first_key = pending_key(tmp_path)
    save_identity(tmp_path, enrolled_as(7, first_key), first_key)
    next_key = pending_key(tmp_path)
    before = (tmp_path / SETTINGS).read_bytes()
    other_chain = certificates.create_authority("autre", NOW_MS)
    saved = save_identity(tmp_path, enrolled_as(3, next_key, other_chain), next_key)
    assert load_identity(tmp_path) == saved
    assert saved.site == 3
    assert [path.name for path in (tmp_path / "enrolment").iterdir()] == [saved.folder.name]
    assert (tmp_path / SETTINGS).read_bytes() != before


def test_a_renewed_till_is_the_same_with_another_certificate(tmp_path: Path) -> None:
    first_key = pending_key(tmp_path)
    former = save_identity(tmp_path, enrolled_as(7, first_key), first_key)
    next_key = pending_key(tmp_path)
    renewed = save_renewal(tmp_path, former, enrolled_as(7, next_key).certificate, next_key)
    assert load_identity(tmp_path) == renewed
    assert replace(renewed, folder=former.folder) == former
    assert renewed.folder != former.folder
    renewed.tls()
    with pytest.raises(StoreFault, match=r"till\.pem cannot be read"):
        former.renewal_due(NOW_MS)


def test_until_the_last_write_the_former_identity_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_key = pending_key(tmp_path)
    former = save_identity(tmp_path, enrolled_as(7, first_key), first_key)
    next_key, replace_file = pending_key(tmp_path), Path.replace

    def power_cut_at_the_settings(draft: Path, target: Path) -> Path:
        if target.name == SETTINGS:
            raise OSError(5, "Input/output error")
        return replace_file(draft, target)

    monkeypatch.setattr(Path, "replace", power_cut_at_the_settings)
    with pytest.raises(StoreFault):
        save_identity(tmp_path, enrolled_as(3, next_key), next_key)
    assert load_identity(tmp_path) == former
    former.tls()
    assert pending_key(tmp_path) == next_key


def test_what_is_not_for_us_changes_nothing(tmp_path: Path) -> None:
    key_pem = pending_key(tmp_path)
    wrong = {
        "another key than ours": enrolled_as(7, certificates.new_key()),
        "not signed by the chain's authority": replace(
            enrolled_as(7, key_pem), authority=certificates.create_authority("x", NOW_MS).certificate_pem.decode()
        ),
        "the certificate is for site 7, the answer for site 8": replace(enrolled_as(7, key_pem), site=SiteId(8)),
    }
    for sentence, enrolled in wrong.items():
        with pytest.raises(PeerFault, match=sentence):
            save_identity(tmp_path, enrolled, key_pem)
    assert load_identity(tmp_path) is None


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (b"site = ", "enrolment.toml: .*enrol this till again"),
        (b"\xff\xfe", "enrolment.toml: .*enrol this till again"),
        (b"site = 'seven'", "enrolment.toml: .*enrol this till again"),
    ],
)
def test_damaged_settings_are_named(tmp_path: Path, damage: bytes, sentence: str) -> None:
    (tmp_path / SETTINGS).write_bytes(damage)
    with pytest.raises(OperatorMistake, match=sentence):
        load_identity(tmp_path)


def test_a_missing_or_damaged_key_file_is_named(tmp_path: Path) -> None:
    key_pem = pending_key(tmp_path)
    identity = save_identity(tmp_path, enrolled_as(7, key_pem), key_pem)
    (identity.folder / "pin.key").write_bytes(b"short")
    with pytest.raises(OperatorMistake, match=r"pin\.key has 5 bytes"):
        load_identity(tmp_path)
    (identity.folder / "pin.key").unlink()
    with pytest.raises(OperatorMistake, match=r"pin\.key is missing: enrol this till again"):
        load_identity(tmp_path)
    (tmp_path / SETTINGS).unlink()
    (tmp_path / SETTINGS).mkdir()
    with pytest.raises(StoreFault, match=r"enrolment\.toml cannot be read"):
        load_identity(tmp_path)
