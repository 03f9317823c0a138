"""The words of the command line: English in the source, French from `locale/`, by the locale of whoever calls.

`fr.po` holds what the command line says itself; `errors.fr.po` the sentences of errors, which rise anywhere and are
recognised by their shape: `{}` stands for what was put in. Catalogues are read as they are written, without a compiled
form: 2 ms, and nothing to forget in a release.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

Language: TypeAlias = Literal["fr", "en"]
Catalogue: TypeAlias = Mapping[str, tuple[str, ...]]
"""By English sentence: its translation, for a counted one the singular and the plural."""

LOCALE: Final = Path(__file__).parent / "locale"
CATALOGUE: Final = LOCALE / "fr.po"
ERRORS: Final = LOCALE / "errors.fr.po"
_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_NEUTRAL: Final = ("", "C", "POSIX")
_ESCAPED: Final = re.compile(r"\\(.)")


class _Spoken:
    """What is spoken in this process."""

    def __init__(self) -> None:
        self.language: Language = "en"
        self.catalogue: Catalogue = {}
        self.shapes: list[tuple[re.Pattern[str], str]] | None = None


_spoken = _Spoken()


def language_of(environ: Mapping[str, str], configured: Callable[[], str]) -> Language:
    """The language of the first locale variable that is set; `configured` answers where none names a country's."""
    named = next((environ[name] for name in _VARIABLES if environ.get(name)), "")
    tongue = named.partition(".")[0].partition("@")[0]
    if tongue in _NEUTRAL:
        tongue = configured()
    return "fr" if tongue.partition("_")[0].lower() == "fr" else "en"


def speak(language: Language) -> None:
    """Speak this language from now on."""
    _spoken.language = language
    _spoken.catalogue = read_catalogue(CATALOGUE.read_text("utf-8")) if language == "fr" else {}


def spoken() -> Language:
    """The language spoken now."""
    return _spoken.language


def _(text: str) -> str:
    """A sentence in the language spoken."""
    found = _spoken.catalogue.get(text)
    return found[0] if found and found[0] else text


def counted(one: str, several: str, number: int) -> str:
    """A sentence about so many things; 0 is one in French and several in English. `{n}` is filled in."""
    found = _spoken.catalogue.get(one)
    if found and len(found) > 1:
        one, several = found[0], found[1]
    is_one = number < 2 if _spoken.language == "fr" else number == 1
    text = one if is_one else several
    return text.format(n=figure(number))


def sentence(text: str) -> str:
    """The sentence of an error in the language spoken; one that nobody translated stays English."""
    return text if _spoken.language == "en" else _told(text, depth=3)


def _told(text: str, *, depth: int) -> str:
    if _spoken.shapes is None:
        _spoken.shapes = _shapes(read_catalogue(ERRORS.read_text("utf-8")))
    for shape, translation in _spoken.shapes if depth else ():
        found = shape.fullmatch(text)
        if found:
            return translation.format(*(_told(part, depth=depth - 1) for part in found.groups()))
    head, colon, tail = text.partition(": ")
    if colon and depth:
        told = _told(tail, depth=depth - 1)
        return f"{_told(head, depth=1)}\u00a0: {told}" if told != tail else text
    return text


def _shapes(catalogue: Catalogue) -> list[tuple[re.Pattern[str], str]]:
    """What recognises each sentence, those with most words of their own first."""
    known = sorted(catalogue.items(), key=lambda entry: len(entry[0].replace("{}", "")), reverse=True)
    return [(_shape(sentence_), found[0]) for sentence_, found in known if found[0]]


def _shape(sentence_: str) -> re.Pattern[str]:
    """What was put in is anything; at the beginning it ends before a colon, where a field or a file is named."""
    first, *rest = map(re.escape, sentence_.split("{}"))
    begin = "((?:(?!: ).)+?)" if not first else f"{first}(.+?)"
    return re.compile("(.+?)".join([begin + rest[0], *rest[1:]]) if rest else first, re.DOTALL)


def figure(number: int) -> str:
    """A number as it is read: 1 843 in French (narrow no-break space), 1,843 in English."""
    text = f"{number:,}"
    return text.replace(",", "\u202f") if _spoken.language == "fr" else text


def read_catalogue(text: str) -> Catalogue:
    """The sentences of a .po file; those that are not translated yet are empty."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in _entries(text):
        if entry.get("msgid"):
            singular = entry.get("msgstr", entry.get("msgstr[0]", ""))
            plural = entry.get("msgstr[1]")
            found[entry["msgid"]] = (singular,) if plural is None else (singular, plural)
    return found


def _entries(text: str) -> Iterator[dict[str, str]]:
    entry: dict[str, str] = {}
    keyword = ""
    for line in text.splitlines():
        if line.startswith('"'):
            entry[keyword] += _unquoted(line)
        elif line.startswith("msg"):
            keyword, _, rest = line.partition(" ")
            if keyword == "msgid":
                yield entry
                entry = {}
            entry[keyword] = _unquoted(rest)
        else:
            assert not line or line.startswith("#"), f"a line of no sentence: {line}"
    yield entry


def _unquoted(quoted: str) -> str:
    return _ESCAPED.sub(lambda sign: "\n" if sign[1] == "n" else sign[1], quoted.strip()[1:-1])
