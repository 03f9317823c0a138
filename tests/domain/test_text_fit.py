from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.text_fit import ELLIPSIS, Fitted, Room, fit, spelled


def half(text: str, size: int) -> int:
    """A typeface in which every letter is half as wide as it is high."""
    return len(text) * size // 2


def room(width: int = 400, *, height: int = 200, size_max: int = 80, size_min: int = 20, lines_max: int = 1) -> Room:
    return Room(
        width=width,
        height=height,
        size_max=size_max,
        size_min=size_min,
        lines_max=lines_max,
        leading=1.0,
        cap_height=0.7,
    )


def ascii_only(text: str) -> set[str]:
    return {character for character in text if character > "~"}


def test_what_the_font_has_is_left_alone() -> None:
    assert spelled("Helene", ascii_only).text == "Helene"
    assert spelled("Helene", ascii_only).missing == ()


def test_a_letter_that_is_lacking_loses_its_accent_and_is_reported_once() -> None:
    said = spelled("Éléonore", ascii_only)
    assert (said.text, said.missing) == ("Eleonore", ("É", "é"))


def test_a_letter_without_a_plain_form_becomes_a_question_mark() -> None:
    said = spelled("Ж & œ", ascii_only)
    assert (said.text, said.missing) == ("? & oe", ("Ж", "œ"))


def test_a_space_of_french_typography_is_a_space_without_a_word() -> None:
    said = spelled("12\u202f340,50\u00a0\u20ac", ascii_only)
    assert (said.text, said.missing) == ("12 340,50 EUR", ("€",))


def test_a_letter_and_its_accent_apart_are_one_letter() -> None:
    assert spelled("e\u0301", lambda _: set()).text == "é"


def test_a_short_text_is_as_large_as_allowed() -> None:
    assert fit(["Zoë"], room(), half) == Fitted(lines=("Zoë",), size=80)


def test_two_texts_share_the_size_of_the_longer_one() -> None:
    assert fit(["Zoë", "Kermarrec-Le"], room(lines_max=2), half) == Fitted(lines=("Zoë", "Kermarrec-Le"), size=66)


def test_lines_are_not_higher_than_the_room() -> None:
    fitted = fit(["Zoë", "Lebrun"], room(height=85, lines_max=2), half)
    assert fitted.size == 50


def test_a_long_text_is_broken_where_its_halves_are_most_alike() -> None:
    assert fit(["Coeur d'Étoffe et Compagnie"], room(200, lines_max=2), half).lines == (
        "Coeur d'Étoffe",
        "et Compagnie",
    )


def test_a_hyphen_stays_at_the_end_of_its_line() -> None:
    assert fit(["Marie-Antoinette"], room(200, lines_max=2), half).lines == ("Marie-", "Antoinette")


def test_a_text_is_not_broken_for_a_little_gain() -> None:
    assert fit(["Anne Durand"], room(400, lines_max=2), half).lines == ("Anne Durand",)


def test_what_cannot_fit_is_cut_and_says_so() -> None:
    fitted = fit(["Wolfeschlegelsteinhausenbergerdorff"], room(100), half)
    assert fitted == Fitted(lines=("Wolfeschl" + ELLIPSIS,), size=20, shortened=True)


def test_a_typeface_that_rounds_up_still_fits() -> None:
    def rounding(text: str, size: int) -> int:
        return len(text) * (size // 3 + 2)

    fitted = fit(["Kermarrec"], room(200), rounding)
    assert rounding("Kermarrec", fitted.size) <= 200 < rounding("Kermarrec", fitted.size + 1)


def test_nothing_at_all_can_be_fitted() -> None:
    assert fit([""], room(), half) == Fitted(lines=("",), size=80)
    assert fit([], room(), half).lines == ()


@given(
    st.lists(st.text("abc -é", max_size=60), max_size=3),
    st.integers(40, 600),
    st.integers(1, 4),
)
def test_whatever_is_fitted_stays_within_its_room(texts: list[str], width: int, lines_max: int) -> None:
    box = room(width, lines_max=max(lines_max, len(texts)))
    fitted = fit(texts, box, half)
    assert all(half(line, fitted.size) <= width for line in fitted.lines if line != ELLIPSIS)
    assert len(fitted.lines) <= box.lines_max
    assert box.size_min <= fitted.size <= box.size_max
    if not fitted.shortened:
        assert "".join(fitted.lines).replace(" ", "") == "".join(texts).replace(" ", "")
