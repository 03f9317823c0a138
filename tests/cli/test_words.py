"""French and English: which is spoken, and that nothing is said in one language alone."""

import string
from collections.abc import Iterator

import pytest

from daemon.cli import words
from daemon.cli.words import CATALOGUE, ERRORS, counted, figure, language_of, read_catalogue, sentence, speak
from tests.cli.sentences import error_sentences, said_words

ARGPARSE = {
    "usage: ",
    "options",
    "positional arguments",
    "the following arguments are required: %s",
    "unrecognized arguments: %s",
    "argument %(argument_name)s: %(message)s",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "expected one argument",
    "expected at least one argument",
    "expected at most one argument",
    "expected %s argument",
    "invalid %(type)s value: %(value)r",
    "not allowed with argument %s",
    "one of the arguments %s is required",
    "ignored explicit argument %r",
    "%(prog)s: error: %(message)s\n",
}


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    speak("en")


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_sentence_of_the_command_line_has_its_french_and_no_other_stands_there() -> None:
    french = read_catalogue(CATALOGUE.read_text("utf-8"))
    english = said_words()
    assert sorted(english.keys() - french.keys()) == [], "write these into daemon/cli/locale/fr.po"
    assert sorted(french.keys() - english.keys() - ARGPARSE) == [], "nobody says these any more"
    for said, translated in ((english[key], french[key]) for key in english):
        assert len(said) == len(translated)
        for before, after in zip(said, translated, strict=True):
            assert after, f"{before} is not translated"
            assert fields_of(before) == fields_of(after), before


def test_every_error_that_a_person_may_read_has_its_french() -> None:
    speak("fr")
    untold = [
        f"{file}: {text}"
        for file, text in error_sentences()
        if sentence(text.replace("{}", "X9")) == text.replace("{}", "X9")
    ]
    assert untold == [], "write these into daemon/cli/locale/errors.fr.po, {} for what is put in"


def test_a_translated_error_keeps_the_places_of_what_is_put_in() -> None:
    for english, (french, *_) in read_catalogue(ERRORS.read_text("utf-8")).items():
        assert english.count("{}") == french.count("{}"), english


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("email: the e-mail address has no @", "e-mail\u00a0: l’adresse e-mail n’a pas de @"),
        (
            "till.toml: http.port: expected `int`, got `str`",
            "till.toml\u00a0: http.port\u00a0: `int` est attendu, et non `str`",
        ),
        (
            "till.toml: the file /a b cannot be read: Permission denied",
            "till.toml\u00a0: le fichier /a b ne peut pas être lu\u00a0: Permission denied",
        ),
        ("something that nobody translated: {x}", "something that nobody translated: {x}"),
    ],
)
def test_an_error_is_recognised_by_its_shape(english: str, french: str) -> None:
    assert sentence(english) == english
    speak("fr")
    assert sentence(english) == french


@pytest.mark.parametrize(
    ("environ", "configured", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "en", "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "fr", "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_BE"}, "en", "fr"),
        ({"LC_ALL": "", "LANG": "FR@euro"}, "en", "fr"),
        ({"LANG": "de_DE.UTF-8"}, "fr", "en"),
        ({"LANG": "C.UTF-8"}, "fr", "fr"),
        ({"LC_ALL": "POSIX"}, "", "en"),
        ({}, "fr", "fr"),
    ],
)
def test_the_locale_decides_and_where_it_says_nothing_the_configuration(
    environ: dict[str, str], configured: str, language: str
) -> None:
    assert language_of(environ, lambda: configured) == language


def test_numbers_are_counted_and_grouped_in_each_language() -> None:
    assert [counted("{n} till", "{n} tills", number) for number in (0, 1, 2)] == ["0 tills", "1 till", "2 tills"]
    assert figure(1_234_567) == "1,234,567"
    speak("fr")
    assert [counted("{n} till", "{n} tills", number) for number in (0, 1, 2)] == ["0 caisse", "1 caisse", "2 caisses"]
    assert figure(1_234_567) == "1\u202f234\u202f567"
    assert words.spoken() == "fr"


def test_a_catalogue_is_read_with_its_escapes_and_continued_lines() -> None:
    found = read_catalogue('msgid "a \\"b\\"\\n"\nmsgstr ""\n"un "\n"\\\\ deux"\n\nmsgid "c"\nmsgstr ""\n')
    assert found == {'a "b"\n': ("un \\ deux",), "c": ("",)}
