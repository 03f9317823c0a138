import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.folding import fold, folded, folded_each, words


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Hélène", "helene"),
        ("HELENE", "helene"),
        ("He\u0301le\u0300ne", "helene"),
        ("œuvre", "oeuvre"),
        ("Œuvre", "oeuvre"),
        ("Lætitia", "laetitia"),
        ("Groß", "gross"),
        ("GROẞ", "gross"),
        ("Jean-François", "jean francois"),
        ("Jean\u2011François", "jean francois"),
        ("d'Artagnan", "d artagnan"),
        ("d’Artagnan", "d artagnan"),
        ("L\u02bcHénaff", "l henaff"),
        ("Łukasz Sørensen", "lukasz sorensen"),
        ("Nguyễn Thị Đào", "nguyen thi dao"),
        ("İpek", "ipek"),
        ("IŞIK", "isik"),
        ("ﬁlle", "fille"),
        ("c\u0327a va ?", "ca va"),
        ("soft\u00adhyphen", "softhyphen"),
        ("  Le\u00a0Goff\t ", "le goff"),
        ("helene.dupont@example.com", "helene dupont example com"),
        ("❤️", ""),
        ("", ""),
        ("№ 12 bis", "no 12 bis"),
    ],
)
def test_spellings_that_look_the_same_fold_to_the_same_text(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_words_come_in_order_and_repeat() -> None:
    assert words("Le Bris-Le Goff") == ("le", "bris", "le", "goff")


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=[])))
def test_folding_is_total_and_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert words(text) == tuple(once.split())
    assert words(once) == words(text)


@given(st.text(), st.text())
def test_folding_a_sentence_is_folding_its_parts(left: str, right: str) -> None:
    assert words(f"{left} {right}") == words(left) + words(right)


def test_each_code_point_folds_to_signs_that_stay() -> None:
    for start in range(0, sys.maxunicode + 1, 0x1000):
        once = [chr(code).translate({}) for code in range(start, start + 0x1000)]
        for character in once:
            folded = fold(f"a{character}b")
            assert fold(folded) == folded


@given(st.lists(st.text(max_size=20)))
def test_many_texts_fold_as_each_does(texts: list[str]) -> None:
    assert folded_each(texts) == [folded(text) for text in texts]


def test_the_sign_between_many_texts_may_stand_in_one() -> None:
    assert folded_each(["\x1fA", "B\x1f"]) == [" a", "b "]
