import re
import string

import pytest

from daemon.demo.words import SENTENCES, Refused, Speech, language_of, said


def facts_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", SENTENCES)
def test_both_languages_say_the_same_facts(key: str) -> None:
    english, french = SENTENCES[key]
    assert facts_in(english) == facts_in(french)


@pytest.mark.parametrize("key", SENTENCES)
def test_french_puts_a_space_before_its_high_punctuation(key: str) -> None:
    assert not re.search(r"\w[;:!?](?:\s|$)", SENTENCES[key][1])


def test_numbers_are_written_as_the_language_does() -> None:
    assert Speech("en")("caught_up", seconds=1234.56) == "Every till has all customers, after 1234.6 s."
    assert Speech("fr")("caught_up", seconds=8.0).endswith("après 8,0 s.")
    assert Speech("en").figure(1_843) == "1,843"
    assert Speech("fr").figure(1_843) == "1\u202f843"


def test_words_of_the_daemon_are_said_in_words_of_the_language() -> None:
    assert Speech("fr").of(said("badge_state", state="printed")) == "→ imprimé"
    assert "plus de papier" in Speech("fr").of(said("badge_held", hold="paper_out"))
    assert Speech("en").of(said("badge_state", state="something new")) == "→ something new"


def test_a_refusal_is_an_english_sentence_that_can_be_said_in_french() -> None:
    refused = Refused(said("no_customer", code="29"))
    assert str(refused) == "nobody has the card 29"
    assert Speech("fr").of(refused.said) == "personne n'a la carte 29"


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "fr.UTF-8"}, "fr"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_names_the_language(environ: dict[str, str], language: str) -> None:
    assert language_of(environ) == language
