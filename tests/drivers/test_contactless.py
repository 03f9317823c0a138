import pytest

from daemon.domain.code import ScannedCode
from daemon.drivers.contactless import SELECT_PAYMENT, answers_payment, card_of
from daemon.drivers.device import Refusal


def test_the_question_is_the_one_of_emv() -> None:
    assert bytes.fromhex("00A404000E325041592E5359532E444446303100") == SELECT_PAYMENT


@pytest.mark.parametrize(
    ("response", "pays"),
    [
        ("6F108404 9000", True),
        ("9000", True),
        ("6120", True),
        ("6283", True),
        ("6A82", False),
        ("6D00", False),
        ("", False),
    ],
)
def test_a_card_for_paying_says_so(response: str, pays: bool) -> None:
    assert answers_payment(bytes.fromhex(response)) is pays


@pytest.mark.parametrize("uid", ["FB0EE20B", "04A1B2C3D4E5F6", "E004010012345678", "04A1B2C3D4E5F6071829"])
def test_a_number_of_its_own_is_the_card(uid: str) -> None:
    assert card_of(bytes.fromhex(uid), is_smart=False) == ScannedCode(text=uid, symbology=None)


@pytest.mark.parametrize(
    ("uid", "is_smart", "reason"),
    [
        ("08112233", False, Refusal.RANDOM_NUMBER),
        ("08112233", True, Refusal.RANDOM_NUMBER),
        ("80112233", True, Refusal.RANDOM_NUMBER),
        ("", False, Refusal.NO_NUMBER),
        ("112233", False, Refusal.NO_NUMBER),
    ],
)
def test_a_number_that_changes_at_every_tap_is_never_a_card(uid: str, is_smart: bool, reason: Refusal) -> None:
    assert card_of(bytes.fromhex(uid), is_smart=is_smart) is reason


@pytest.mark.parametrize(("uid", "is_smart"), [("80112233", False), ("08112233445566", True), ("80112233445566", True)])
def test_only_short_numbers_are_made_up(uid: str, is_smart: bool) -> None:
    assert isinstance(card_of(bytes.fromhex(uid), is_smart=is_smart), ScannedCode)
