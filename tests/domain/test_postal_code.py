import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.postal_code import parse, territory
from daemon.errors import OperatorMistake


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("44000", "FR", "44000"),
        (" 44 000 ", "FR", "44000"),
        ("01000", "FR", "01000"),
        ("20000", "FR", "20000"),
        ("97400", "FR", "97400"),
        ("97400", "RE", "97400"),
        ("98000", "MC", "98000"),
        ("00200", "FR", "00200"),
        ("1000", "BE", "1000"),
        ("B-1000", "BE", "1000"),
        ("CH-1201", "CH", "1201"),
        ("10115", "DE", "10115"),
        ("sw1a  1aa", "GB", "SW1A 1AA"),
    ],
)
def test_a_code_is_written_as_the_post_writes_it(typed: str, country: str, code: str) -> None:
    assert parse(typed, country=country) == code


@pytest.mark.parametrize(
    ("typed", "country", "sentence"),
    [
        ("4400", "FR", "address.postal_code: a French postal code has 5 digits"),
        ("", "FR", "address.postal_code: a French postal code has 5 digits"),
        ("٤٤٠٠٠", "FR", "address.postal_code: a French postal code has 5 digits"),
        ("96000", "FR", "address.postal_code: no French postal code starts with 96"),
        ("98500", "FR", "address.postal_code: no French postal code starts with 98"),
        ("0999", "BE", "address.postal_code: this is not a postal code of the country BE"),
        ("", "GB", "address.postal_code: this is not a postal code of the country GB"),
    ],
)
def test_a_wrong_code_is_refused_in_one_sentence(typed: str, country: str, sentence: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        parse(typed, country=country)
    assert str(refused.value) == sentence
    assert refused.value.field == "address.postal_code"


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("44000", "FR"),
        ("97110", "GP"),
        ("97133", "BL"),
        ("97150", "MF"),
        ("97200", "MQ"),
        ("97300", "GF"),
        ("97400", "RE"),
        ("97500", "PM"),
        ("97600", "YT"),
        ("98000", "MC"),
        ("98713", "PF"),
        ("98800", "NC"),
        ("98600", "WF"),
        ("", "FR"),
    ],
)
def test_a_french_code_names_its_territory(code: str, country: str) -> None:
    assert territory(code) == country


@given(st.text(max_size=20), st.sampled_from(["FR", "MC", "BE", "DE", "GB", "XX"]))
def test_a_code_that_passes_passes_again_unchanged(typed: str, country: str) -> None:
    try:
        code = parse(typed, country=country)
    except OperatorMistake:
        return
    assert parse(code, country=country) == code
