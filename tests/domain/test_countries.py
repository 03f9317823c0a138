import pytest

from daemon.domain.countries import country_code, country_name
from daemon.errors import OperatorMistake


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("France", "FR"),
        ("fr", "FR"),
        ("LA RÉUNION", "RE"),
        ("Royaume-Uni", "GB"),
        ("UK", "GB"),
        ("Pays Bas", "NL"),
        ("jp", "JP"),
    ],
)
def test_a_country_has_two_letters(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", "Atlantide", "F1", "éé"])
def test_an_unknown_country_is_refused(text: str) -> None:
    with pytest.raises(OperatorMistake, match="two letters"):
        country_code(text)


def test_a_country_has_the_name_that_the_french_post_reads() -> None:
    assert [country_name(code) for code in ("BE", "gb", "ZZ")] == ["belgique", "royaume-uni", "ZZ"]
