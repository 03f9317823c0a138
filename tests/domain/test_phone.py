import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import daemon
from daemon.domain.phone import digits, is_mobile, national, parse, region_of
from daemon.errors import OperatorMistake


@pytest.mark.parametrize(
    ("typed", "region", "stored"),
    [
        ("06 39 98 12 34", "FR", "+33639981234"),
        ("06.12.34.56.78", "FR", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "FR", "+33612345678"),
        ("0033612345678", "FR", "+33612345678"),
        ("612345678", "FR", "+33612345678"),
        ("'+33612345678", "FR", "+33612345678"),
        ("01 99 00 12 34", "FR", "+33199001234"),
        ("06\u00a012\u00a034\u00a056\u00a078", "FR", "+33612345678"),
        # overseas, with the region of the postal code and without
        ("0692 12 34 56", "RE", "+262692123456"),
        ("0692 12 34 56", "FR", "+262692123456"),
        ("0262 12 34 56", "FR", "+262262123456"),
        ("0696 12 34 56", "FR", "+596696123456"),
        ("+33 692 12 34 56", "FR", "+262692123456"),
        ("0639 69 12 34", "YT", "+262639691234"),
        ("0694 20 12 34", "GF", "+594694201234"),
        # a mainland number typed overseas
        ("06 12 34 56 78", "RE", "+33612345678"),
        ("+33612345678", "MC", "+33612345678"),
        ("41 01 12", "PM", "+508410112"),
        ("87 12 34 56", "PF", "+68987123456"),
        # abroad
        ("+32 470 12 34 56", "FR", "+32470123456"),
        ("0470 12 34 56", "BE", "+32470123456"),
        ("+44 7700 900123", "FR", "+447700900123"),
    ],
)
def test_a_number_is_stored_in_e164_whatever_way_it_is_typed(typed: str, region: str, stored: str) -> None:
    assert parse(typed, region=region) == stored


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "mobile: the telephone number is empty"),
        ("  ", "mobile: the telephone number is empty"),
        ("voir note", "mobile: this is not a telephone number"),
        ("0612345678 / 0699001122 (bureau le soir)", "mobile: this is not a telephone number"),
        ("3631", "mobile: no number of FR and of no country prefix is so written"),
        ("06 12 34 56 7", "mobile: no number of FR and of no country prefix is so written"),
        ("06 12 34 56 78 90", "mobile: no number of FR and of no country prefix is so written"),
        ("0000000000", "mobile: no number of FR and of no country prefix is so written"),
        ("+999 123456", "mobile: no number of FR and of no country prefix is so written"),
        ("0666666666666666666666666666666666666666666", "mobile: this is not a telephone number"),
    ],
)
def test_what_is_no_number_is_refused_without_repeating_it(typed: str, sentence: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        parse(typed, field="mobile")
    assert str(refused.value) == sentence
    assert refused.value.field == "mobile"


@pytest.mark.parametrize(
    ("postal_code", "country", "region"),
    [
        ("44000", "FR", "FR"),
        ("97400", "FR", "RE"),
        ("97200", "FR", "MQ"),
        ("", "FR", "FR"),
        ("1000", "BE", "BE"),
        ("", "BE", "BE"),
    ],
)
def test_the_region_comes_from_the_postal_code(postal_code: str, country: str, region: str) -> None:
    assert region_of(postal_code, country) == region


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+33639981234", "06 39 98 12 34"),
        ("+262692123456", "0692 12 34 56"),
        ("+590690123456", "0690 12 34 56"),
        ("+32470123456", "+32 470 12 34 56"),
        ("+508410112", "+508 41 01 12"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_number_is_shown_as_france_writes_it(stored: str, shown: str) -> None:
    assert national(stored) == shown


@pytest.mark.parametrize(
    ("stored", "mobile"),
    [
        ("+33639981234", True),
        ("+33199001234", False),
        ("+262692123456", True),
        ("+32470123456", True),
        ("+3222345678", False),
        ("x", False),
    ],
)
def test_a_mobile_is_told_from_a_fixed_line(stored: str, mobile: bool) -> None:
    assert is_mobile(stored) is mobile


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+33639981234", "0639981234"),
        ("06 39", "0639"),
        ("+33 6 39", "0639"),
        ("0033 6 39", "0639"),
        ("+33 (0)6 39", "0639"),
        ("+262692123456", "0692123456"),
        ("+32470123456", "32470123456"),
        ("0470", "0470"),
        ("", ""),
        ("Lefevre", ""),
    ],
)
def test_search_compares_national_digits(text: str, found: str) -> None:
    assert digits(text) == found


_PARTS = st.sampled_from(["+", "0", "00", "33", "262", " ", ".", "(0)", "6", "12", "39", "98", "-", "'", "٣", "/", "a"])


@given(st.lists(_PARTS, max_size=14).map("".join), st.sampled_from(["FR", "RE", "YT", "MC", "BE", "PM", "XX", ""]))
def test_a_stored_number_is_read_back_unchanged_in_any_region(typed: str, region: str) -> None:
    digits(typed)
    try:
        stored = parse(typed, region=region)
    except OperatorMistake:
        return
    assert stored.startswith("+")
    assert stored[1:].isdecimal()
    for other in ("FR", "RE", "MC", "GB"):
        assert parse(stored, region=other) == stored


@given(st.integers(0, 9999), st.sampled_from(["063998", "019900", "026191", "035301", "046571", "053649"]))
def test_a_number_shown_can_be_typed_again_and_is_found_by_each_beginning(n: int, prefix: str) -> None:
    stored = parse(f"{prefix}{n:04d}")
    assert parse(national(stored)) == stored
    assert digits(national(stored)) == digits(stored) == f"{prefix}{n:04d}"
    for end in range(1, 11):
        assert digits(stored).startswith(digits(national(stored)[:end]))


def test_display_and_search_of_french_numbers_do_not_load_the_library() -> None:
    script = (
        "import sys; from daemon.domain.phone import national, digits, is_mobile\n"
        "national('+33639981234'); digits('06 39'); is_mobile('+33639981234')\n"
        "sys.exit('phonenumbers' in sys.modules)"
    )
    root = Path(daemon.__path__[0]).parent
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0
