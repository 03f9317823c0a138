"""The templates as files: their words are all translated, nothing runs inline, a misspelt name is an error."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from daemon.desk.slips import MESSAGES
from daemon.domain.print_job import GESTURES
from daemon.web import (
    benefits_listed,
    benefits_view,
    customer_form,
    device_words,
    disagreement_view,
    fleet_view,
    history_view,
    known_view,
    page_problem,
    proof_view,
    status_page,
    terms_view,
)
from daemon.web.badge_page import FINDING_WORDS
from daemon.web.customer_view import CHANNEL_WORDS, FIELD_WORDS
from daemon.web.i18n import LANGUAGES, LOCALE, Words
from daemon.web.pages import TEMPLATES, Pages
from daemon.web.search_view import ALMOST_WORDS, EXTRA_WORDS
from daemon.web.static_files import load_static

ROOM = TEMPLATES.parent
PLURAL = ("ngettext", "counted")
KEYWORDS = {"_": None, "text": None, "say": None, "counted": (1, 2)}
HTML_EVENT = re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)


def said_in_code() -> Iterator[str]:
    """Message ids that stand in tables and are looked up by value."""
    yield from (*page_problem.messages(), *customer_form.messages(), *GESTURES.values())
    yield from (*CHANNEL_WORDS.values(), *FIELD_WORDS.values(), *EXTRA_WORDS.values(), *ALMOST_WORDS.values())
    yield from (*MESSAGES, *FINDING_WORDS.values())
    yield from (*benefits_view.WHY_WORDS.values(), *benefits_view.STATE_WORDS.values(), *known_view.messages())
    yield from (*device_words.messages(), *fleet_view.ROLE_WORDS.values(), *fleet_view.STATE_WORDS.values())
    yield from (*disagreement_view.PART_WORDS.values(), *disagreement_view.MORE_WORDS.values())
    yield from (*history_view.KIND_WORDS.values(), *terms_view.ABOUT_WORDS.values(), *terms_view.RULE_WORDS.values())
    yield from (*history_view.FILTER_WORDS.values(), *benefits_listed.USABLE_WORDS.values())
    yield from (*benefits_listed.CAUSE_WORDS.values(), *status_page.KIND_WORDS.values())
    yield from proof_view.messages()
    yield from ("yes", "no", "Granted", "Refused", "Active")


def message_ids() -> set[str]:
    """Every message id of the room; a counted one by its singular."""
    found = set(said_in_code())
    sources = [(path, "jinja2.ext:babel_extract") for path in TEMPLATES.glob("*.j2")]
    sources += [(path, "python") for path in ROOM.glob("*.py")]
    for path, method in sources:
        for _, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found


def constants() -> str:
    """Every text of the program: sentences of rules reach the pages by value, some behind a field's name."""
    trees = [ast.parse(path.read_text("utf-8")) for path in ROOM.parent.rglob("*.py")]
    nodes = (node for tree in trees for node in ast.walk(tree))
    return "\n".join(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


@pytest.mark.feature("F1.3")
def test_every_word_of_the_pages_is_translated() -> None:
    with (LOCALE / "fr/LC_MESSAGES/web.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    known = {message.id[0] if isinstance(message.id, tuple) else message.id for message in catalogue if message.string}
    assert not message_ids() - known
    said = constants()
    stale = {word for word in known - message_ids() if str(word) not in said}
    assert not stale, "words that nothing says any more"


def test_translations_fill_in_the_same_values() -> None:
    with (LOCALE / "fr/LC_MESSAGES/web.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    for message in catalogue:
        singular = message.id[0] if isinstance(message.id, tuple) else str(message.id)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(re.findall(r"%\(\w+\)s", singular))
        assert all(set(re.findall(r"%\(\w+\)s", str(string))) == wanted for string in strings), singular


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_words_are_those_of_the_source(language: str, tmp_path: Path) -> None:
    folder = LOCALE / language / "LC_MESSAGES"
    with (folder / "web.po").open("rb") as source, (tmp_path / "web.mo").open("wb") as target:
        write_mo(target, read_po(source, locale=language))
    with (tmp_path / "web.mo").open("rb") as fresh, (folder / "web.mo").open("rb") as kept:
        wanted, have = gettext.GNUTranslations(fresh), gettext.GNUTranslations(kept)
    assert vars(wanted)["_catalog"] == vars(have)["_catalog"], (
        "compile again: pybabel compile -d daemon/web/locale -D web"
    )


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.j2")), ids=lambda path: path.name)
def test_nothing_runs_inline_and_nothing_is_unescaped(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.findall(r"<script(?![^>]*\bsrc=)", text)
    assert "<style" not in text
    assert not re.search(r"\sstyle\s*=", text)
    assert not HTML_EVENT.search(text)
    assert "|safe" not in text.replace(" ", "")
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text


def test_a_name_that_a_template_misspells_is_an_error() -> None:
    pages = Pages(load_static().address)
    with pytest.raises(jinja2.UndefinedError):
        pages.render("word.html.j2", Words("fr"))
