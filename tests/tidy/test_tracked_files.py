"""Nothing in the project names a machine, a person's folder or where packages came from; the root stays small."""

import re

import pytest

from tests.tidy.tree import ROOT, project_files

ROOT_ENTRIES = {
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "daemon",
    "docs",
    "pyproject.toml",
    "requirements.lock",
    "systemd",
    "tests",
}

# Written in pieces so that this file passes its own test.
TELL_TALE = re.compile(
    "|".join(
        [
            "pypi" + r"\.org",
            "pythonhosted" + r"\.",
            "piwheels" + r"\.org",
            "deb\\." + "debian\\.org",
            "registry\\." + "npmjs",
            "crates" + r"\.io",
            "index" + "-url",
            "find" + "-links",
            "trusted" + "-host",
            r"(?<![\w.])/" + r"home/\w",
            r"(?<![\w.])/" + r"root/\w",
            r"(?<![\w.])/" + r"work/\w",
            r"(?<![\w.])/" + r"Users/\w",
            r"\.py" + "env/",
        ]
    )
)


@pytest.mark.parametrize("line", ["--index-" + "url x", "see /" + "home/jean/x", "https://" + "pypi" + ".org/simple"])
def test_a_tell_tale_is_recognised(line: str) -> None:
    assert TELL_TALE.search(line)


def test_no_file_names_a_registry_or_a_personal_folder() -> None:
    found = []
    for path in project_files():
        raw = (ROOT / path).read_bytes()
        if b"\0" in raw:
            continue
        for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), start=1):
            # The script that writes the locks must name the options that keep addresses out of them.
            if TELL_TALE.search(line) and str(path) != ".ci/lock":
                found.append(f"{path}:{number}")
    assert not found


def test_the_root_holds_only_what_it_may() -> None:
    assert {path.parts[0] for path in project_files()} <= ROOT_ENTRIES
