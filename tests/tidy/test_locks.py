"""The locks pin and hash everything, and the project declares what it imports."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.tidy.tree import ROOT, imported_libraries, python_files

PROVIDED_BY = {"smartcard": "pyscard"}
"""Of what is not installed here: it has no wheels for Linux, and comes as a package of Debian."""

LOCKS = ["requirements.lock", ".ci/demo.lock", ".ci/development.lock"]


def pinned(lock: str) -> dict[str, str]:
    """Name to version of every requirement that has at least one hash."""
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    return dict(re.findall(r"^([\w.-]+)==(\S+)[^\n]* --hash=sha256:[0-9a-f]{64}", text, flags=re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed_and_nothing_else_is_said(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(requirements) == len(pinned(lock))


def test_the_locks_agree_with_each_other() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in pinned(lock).items():
            versions.setdefault(name, set()).add(version)
    assert not {name: found for name, found in versions.items() if len(found) > 1}


def normal(requirement: str) -> str:
    """`Jinja2>=3.1` is jinja2, as the locks write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", requirement)[0]).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [requirement for group in project["optional-dependencies"].values() for requirement in group]
    return {normal(requirement) for requirement in project["dependencies"] + extras}


def used() -> set[str]:
    """The distributions whose modules the daemon imports."""
    providers = packages_distributions()
    libraries = {name for path in python_files("daemon") for name in imported_libraries(path)}
    foreign = libraries - sys.stdlib_module_names - {"daemon"}
    return {normal(providers.get(name, [PROVIDED_BY.get(name, name)])[0]) for name in foreign}


def test_every_library_that_is_imported_is_declared() -> None:
    # paho is aiomqtt's own client, whose types its door needs; pytest is there where its plugin is loaded.
    assert used() - declared() <= {"paho-mqtt", "pytest"}


def test_every_declared_library_is_locked() -> None:
    assert declared() - set(PROVIDED_BY.values()) <= pinned("requirements.lock").keys() | pinned(".ci/demo.lock").keys()


def test_every_declared_library_is_used() -> None:
    assert declared() <= used()
