import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.pin import (
    WAIT_MS_MAX,
    badge_token,
    check_chosen,
    check_pin,
    is_foreign,
    key_id,
    seal,
    verify,
    wait_ms,
)
from daemon.errors import OperatorMistake

KEY = bytes(range(32))
SALT = b"\x07" * 16


def test_a_sealed_pin_is_scrypt_over_the_keyed_hash_with_its_parameters() -> None:
    peppered = hmac.new(KEY, b"pin\x002580", "sha256").digest()
    digest = hashlib.scrypt(peppered, salt=SALT, n=16384, r=8, p=1, dklen=32)
    expected = f"scrypt$16384$8$1${base64.b64encode(SALT).decode()}${base64.b64encode(digest).decode()}"
    assert seal("2580", pin_key=KEY, salt=SALT) == f"{expected}${key_id(KEY)}"
    assert verify("2580", expected, pin_key=KEY), "as the first release sealed"


def test_a_seal_names_its_key_and_what_another_key_sealed_is_told_apart() -> None:
    sealed = seal("2580", pin_key=KEY, salt=SALT)
    assert not is_foreign(sealed, pin_key=KEY)
    assert is_foreign(sealed, pin_key=bytes(32))
    assert not is_foreign("", pin_key=KEY)
    assert not verify("2580", sealed.replace(key_id(KEY), "00000000"), pin_key=KEY)
    assert len(key_id(KEY)) == 8


@pytest.mark.parametrize("pin", ["1234", "9876", "7890", "0987", "1212", "4747", "12312", "0305", "1980"])
def test_a_customer_chooses_no_pin_that_a_thief_tries_first(pin: str) -> None:
    allowed = {"12312"}
    guessed = ("0305", "1980")
    if pin in allowed:
        assert check_chosen(pin, guessed) == pin
        return
    with pytest.raises(OperatorMistake):
        check_chosen(pin, guessed)


def test_only_the_right_secret_with_the_right_key_fits() -> None:
    sealed = seal("2580", pin_key=KEY, salt=SALT)
    assert verify("2580", sealed, pin_key=KEY)
    assert not verify("2581", sealed, pin_key=KEY)
    assert not verify("2580", sealed, pin_key=bytes(32))
    assert not verify("", sealed, pin_key=KEY)


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "plain$2580",
        "md5$16384$8$1$AAAA$AAAA",
        "scrypt$16384$8$1$not base64$AAAA",
        "scrypt$16384$8$1$AAAA$AAAA",
        "scrypt$x$8$1$AAAA$AAAA",
        f"scrypt$1000000000$8$1$AAAA${base64.b64encode(bytes(32)).decode()}",
        f"scrypt$16384$8$999$AAAA${base64.b64encode(bytes(32)).decode()}",
        f"scrypt$1000$8$1$AAAA${base64.b64encode(bytes(32)).decode()}",
    ],
)
def test_a_damaged_or_greedy_sealed_text_fits_nothing(sealed: str) -> None:
    assert not verify("2580", sealed, pin_key=KEY)


@given(st.text(max_size=60))
def test_no_sealed_text_makes_verification_fail(sealed: str) -> None:
    assert not verify("2580", sealed, pin_key=KEY)
    assert not verify("2580", f"scrypt$2$1$1${sealed}", pin_key=KEY)


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "", "٢٥٨٠"])
def test_a_pin_has_4_to_12_digits(pin: str) -> None:
    with pytest.raises(OperatorMistake, match="a PIN has 4 to 12 digits"):
        check_pin(pin)


def test_a_pin_of_one_repeated_digit_is_refused() -> None:
    with pytest.raises(OperatorMistake, match="repeated digit"):
        check_pin("0000")
    assert check_pin("0001") == "0001"


def test_a_badge_is_found_by_its_token_only_with_the_key() -> None:
    assert badge_token("OP-0001", pin_key=KEY) == badge_token("OP-0001", pin_key=KEY)
    assert badge_token("OP-0001", pin_key=KEY) != badge_token("OP-0002", pin_key=KEY)
    assert badge_token("OP-0001", pin_key=KEY) != badge_token("OP-0001", pin_key=bytes(32))
    assert len(badge_token("", pin_key=KEY)) == 16


def test_wrong_tries_slow_down_from_the_third() -> None:
    waits = [wait_ms(wrong, 1_000, 1_000) for wrong in range(16)]
    assert waits[:6] == [0, 0, 0, 2_000, 4_000, 8_000]
    assert waits[-1] == WAIT_MS_MAX
    assert wait_ms(4, 1_000, 4_000) == 1_000
    assert wait_ms(4, 1_000, 9_000) == 0


@given(st.integers(0, 10**9), st.integers(0, 2**48), st.integers(0, 2**48))
def test_the_wait_grows_with_wrong_tries_and_never_exceeds_its_maximum(wrong: int, last: int, now: int) -> None:
    assert 0 <= wait_ms(wrong, last, now) <= wait_ms(wrong + 1, last, now) <= WAIT_MS_MAX
