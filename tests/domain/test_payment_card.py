"""Only published test numbers and numbers made here: no number of a real card stands in this file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.payment_card import (
    ISSUER_RANGES,
    has_luhn_digit,
    holds_payment_card,
    is_payment_card,
    json_holds_payment_card,
    track_holds_payment_card,
)


def with_luhn(body: str) -> str:
    """`body` and the digit that makes it pass."""
    return next(body + digit for digit in "0123456789" if has_luhn_digit(body + digit))


TEST_NUMBERS = {
    "Visa": "4111111111111111",
    "Visa of 19 digits": with_luhn("400000000000000000"),
    "Mastercard": "5555555555554444",
    "Mastercard 2-series": "2223003122003222",
    "American Express": "378282246310005",
    "Discover": "6011111111111117",
    "Diners Club of 16 digits": with_luhn("360000000000000"),
    "JCB": "3530111333300000",
    "Maestro": "6759649826438453",
    "UnionPay": "6205500000000000004",
}


@pytest.mark.parametrize("number", TEST_NUMBERS.values(), ids=TEST_NUMBERS.keys())
def test_a_payment_number_of_each_network_is_recognised(number: str) -> None:
    assert is_payment_card(number)


@pytest.mark.parametrize("low_high", ISSUER_RANGES, ids="-".join)
@pytest.mark.parametrize("length", range(15, 20))
def test_both_ends_of_every_issuer_range_count_at_every_length(low_high: tuple[str, str], length: int) -> None:
    for end in low_high:
        assert is_payment_card(with_luhn(end.ljust(length - 1, "0")))
        assert is_payment_card(with_luhn(end.ljust(length - 1, "9")))


@pytest.mark.parametrize("outside", ["2199", "2205", "2220", "2721", "299", "306", "33", "3527", "3590", "1", "7", "9"])
def test_just_outside_the_ranges_nothing_is_refused(outside: str) -> None:
    assert not is_payment_card(with_luhn(outside.ljust(15, "0")))


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "4111-1111-1111-1111", " 4111.1111\u00a01111\u20131111 "])
def test_separators_hide_no_payment_number(text: str) -> None:
    assert is_payment_card(text)


def test_a_wrong_luhn_digit_makes_it_an_ordinary_number() -> None:
    assert not is_payment_card("4111111111111112")


@pytest.mark.parametrize("number", ["3760123456784", "4006381333931", "42345671", "012345678905", "10012345678902"])
def test_no_product_barcode_is_a_payment_number(number: str) -> None:
    assert not is_payment_card(number)


@given(st.text("0123456789", min_size=0, max_size=14))
def test_fourteen_digits_or_fewer_are_never_refused(number: str) -> None:
    assert not is_payment_card(number)


@given(st.text("0123456789", min_size=20, max_size=40))
def test_twenty_digits_or_more_are_never_refused(number: str) -> None:
    assert not is_payment_card(number)


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_payment_card(text) in (True, False)
    assert track_holds_payment_card(text) in (True, False)


@pytest.mark.parametrize(
    "text", ["", "M-000123", "+4366412345672", "+33612345678", "dupont", "%", ";", "²²²²²²²²²²²²²²²²"]
)
def test_what_people_type_is_no_payment_number(text: str) -> None:
    assert not is_payment_card(text)


def test_the_prefixes_of_the_chain_exempt_its_own_cards() -> None:
    own = with_luhn("629912345678901")
    assert is_payment_card(own)
    assert not is_payment_card(own, ("6299",))
    assert is_payment_card(own, ("9999", ""))
    assert is_payment_card(TEST_NUMBERS["Visa"], ("6299",))


def test_a_short_prefix_of_in_store_cards_lets_no_network_through() -> None:
    assert is_payment_card(with_luhn("250000000000000"), ("25",))
    assert is_payment_card(TEST_NUMBERS["Visa"], ("4",))
    assert not track_holds_payment_card(";" + with_luhn("290000000000") + "=", ("29",))


@pytest.mark.parametrize(
    "track",
    [
        "%B4111111111111111^DOE/JANE^2912101000000000?",
        "%B3782 822463 10005^DOE/JANE^2912101000000000?",
        "B4111111111111111^DOE/JANE^2912",
        ";4111111111111111=29121010000000000000?",
        "4111111111111111D2912",
        "4222222222222",
        ";014111111111111111=724724000?",
        "+014111111111111111=724?",
        "%B4111111111111111^DOE/JANE^2912?;4111111111111111=2912?",
        "%ABC123?;4111111111111111=2912?",
        ";1234567890128=9912?",
    ],
)
def test_any_track_of_a_payment_card_is_recognised(track: str) -> None:
    assert track_holds_payment_card(track)


@pytest.mark.parametrize(
    "track", ["%ABC123?", ";12345?", ";4111111111111112=2912?", "", "?", "%B^^?", ";411111111111111100000000=2912?"]
)
def test_other_tracks_are_left_alone(track: str) -> None:
    assert not track_holds_payment_card(track)


def test_a_track_that_the_chain_declared_is_its_own_whatever_a_shorter_reading_of_it_says() -> None:
    own = "01" + TEST_NUMBERS["Visa"]
    assert track_holds_payment_card(f";{own}=?")
    assert not track_holds_payment_card(f";{own}=?", ("0141",))
    assert not track_holds_payment_card(f";{TEST_NUMBERS['Visa']}=2912?", ("411111",))


@pytest.mark.parametrize(
    "typed",
    ["%B4111111111111111^DOE/JANE^2912?", ";4111111111111111=2912?", "4111111111111111=2912", ";1234567890128=9912?"],
)
def test_a_track_typed_by_a_keyboard_reader_is_recognised_as_one(typed: str) -> None:
    assert is_payment_card(typed)


@pytest.mark.parametrize(
    "text", ["carte 4111 1111 1111 1111 perdue", "4111111111111111", "5500-0000-0000-0004.", "x 3782 822463 10005"]
)
def test_a_payment_number_among_words_is_found(text: str) -> None:
    assert holds_payment_card(text)


@pytest.mark.parametrize(
    "text", ["rappeler au 06 39 98 00 12", "SIRET 732 829 320 00074", "ticket 4111 1111 1111 1112", ""]
)
def test_phones_company_numbers_and_wrong_check_digits_are_no_payment_numbers(text: str) -> None:
    assert not holds_payment_card(text)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"lines": [{"paid": "CB 4970 1000 0000 0014 ok"}]}',
        b'["x", 4970100000000014]',
        b'{"4970100000000014": 1}',
        b'{"card": "4970100000000014", "card": "x"}',
        b'{"card": "\\u0034970100000000014"}',
        b'"%B4970100000000014^MOREL/P^2512?"',
        b"-4970100000000014",
    ],
)
def test_a_payment_number_is_found_wherever_json_can_hold_a_text(raw: bytes) -> None:
    assert json_holds_payment_card(raw)
    assert not json_holds_payment_card(raw, ("4970",))


@pytest.mark.parametrize(
    "raw",
    [
        b'{"total": 4.970100000000014, "tax": 5.99999999999996e-1}',
        b'{"ean": "3017620422003", "n": 12345678901234567890, "ok": [true, null, {}]}',
        b'{"at": 1760000000000, "id": "550e8400-e29b-41d4-a716-446655440000"}',
    ],
)
def test_prices_articles_and_ids_are_no_cards(raw: bytes) -> None:
    assert not json_holds_payment_card(raw)


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        json_holds_payment_card(raw)
