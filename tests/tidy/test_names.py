"""Names say what a thing is; a word that fits everything says nothing."""

import re
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT, classes, project_files, python_files

EMPTY_WORDS = {"manager", "helper", "util", "utility", "common", "misc", "base", "service", "handler"}

# Folders of tests about the whole, or about no Python file.
WITHOUT_MIRROR = {
    "bench",
    "blackbox",
    "browser",
    "captures",
    "contracts",
    "examples",
    "fakes",
    "fuzz",
    "independents",
    "simulation",
    "system",
    "systemd",
    "tidy",
}


def words_of(name: str) -> set[str]:
    """`HttpHandlers` and `http_handlers` are both {http, handler}, and their plurals."""
    words = {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)}
    return words | {word.removesuffix("s") for word in words} | {re.sub("ies$", "y", word) for word in words}


@pytest.mark.parametrize("name", ["SerialManager", "web_helpers", "HTTPHandler", "text_utilities", "BaseDriver"])
def test_an_empty_word_is_recognised(name: str) -> None:
    assert words_of(name) & EMPTY_WORDS


@pytest.mark.parametrize("name", ["Database", "supervisor", "baseline_stamp"])
def test_a_longer_word_is_left_alone(name: str) -> None:
    assert not words_of(name) & EMPTY_WORDS


def test_no_file_or_folder_carries_an_empty_word() -> None:
    names = {
        path
        for path in project_files()
        if path.parts[0] in {"daemon", "tests"}
        for part in path.with_suffix("").parts
        if words_of(part) & EMPTY_WORDS
    }
    assert not names


def test_no_class_carries_an_empty_word() -> None:
    names = {
        f"{path}:{cls.lineno} {cls.name}"
        for path in python_files("daemon", "tests")
        for cls in classes(path)
        if words_of(cls.name) & EMPTY_WORDS
    }
    assert not names


def mirrored(test: Path) -> list[Path]:
    """Where the source of a test may be: `test_a_b.py` is about `a_b`, or an aspect of `a`: a file or a folder."""
    folder = ROOT / "daemon" / Path(*test.parts[1:-1])
    words = test.stem.removeprefix("test_").split("_")
    names = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
    return [folder / f"{name}.py" for name in names] + [folder / name / "__init__.py" for name in names]


def test_every_test_file_stands_where_its_source_stands() -> None:
    strays = [
        str(path)
        for path in python_files("tests")
        if path.name.startswith("test_")
        and path.parts[1] not in WITHOUT_MIRROR
        and not any(source.is_file() for source in mirrored(path))
    ]
    assert not [stray for stray in strays if stray != "tests/test_features.py"]
