import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from daemon.cli.device_adding import OUTPUT_DRIVERS
from daemon.drivers import serial_reader
from daemon.drivers.catalogue import READERS, driver, kinds
from daemon.errors import OperatorMistake
from tests.fakes.stepped_clock import SteppedClock

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a distribution with one module, named as the kind, and its entry point."""

    def install(kind: str, source: str) -> None:
        (tmp_path / f"{kind}_driver.py").write_text(source)
        facts = tmp_path / f"{kind}-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {kind}\nVersion: 1.0\n")
        (facts / "entry_points.txt").write_text(f"[comptoir.drivers]\n{kind} = {kind}_driver\n")
        monkeypatch.syspath_prepend(tmp_path)

    return install


@pytest.mark.parametrize("kind", READERS)
def test_every_kind_of_the_table_has_a_driver_that_says_where_it_was_tried(kind: str) -> None:
    module = driver(kind)
    assert module.TRIED_ON
    assert kind in kinds()


def test_the_page_for_makers_of_drivers_says_of_each_of_ours_on_what_it_was_tried() -> None:
    page = Path("docs/drivers.md").read_text("utf-8")
    modules = [driver(kind) for kind in READERS] + [import_module(name) for name in OUTPUT_DRIVERS.values()]
    assert [module.TRIED_ON for module in modules if module.TRIED_ON not in page] == []


def test_what_a_driver_says_that_it_was_tried_on_is_here() -> None:
    said = [path.read_text("utf-8") for path in Path("daemon/drivers").glob("*.py")]
    named = {path for text in said for path in re.findall(r"tests/captures/[\w./-]*\w", text)}
    assert named
    assert [path for path in sorted(named) if not Path(path).exists()] == []


def test_a_serial_scanner_is_built_from_its_configuration() -> None:
    module = driver("serial-scanner")
    assert module.Config is serial_reader.SerialScannerConfig
    assert module.build(module.Config(name="front", path="/dev/x"), SteppedClock()).device == "front"


def test_drivers_are_imported_only_when_they_are_asked_for() -> None:
    script = (
        "import sys, daemon.drivers.catalogue; print([m for m in sys.modules if m.startswith(('serial', 'pyudev'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "[]"


def test_a_third_party_adds_a_kind_by_an_entry_point(install: Install) -> None:
    install(
        "acme",
        "from dataclasses import dataclass\n@dataclass\nclass Config: ...\n"
        "CONTRACT = 1\nTRIED_ON = 'Acme 9000'\ndef build(config, clock): return config\n",
    )
    module = driver("acme")
    assert module.TRIED_ON == "Acme 9000"
    assert isinstance(module.build(module.Config(), SteppedClock()), module.Config)
    assert "acme" in kinds()


def test_a_third_party_never_replaces_a_driver_of_ours(install: Install) -> None:
    install("serial-scanner", "raise RuntimeError")
    assert driver("serial-scanner").Config is serial_reader.SerialScannerConfig


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "import no_such_library_at_all",
            "kind: the driver broken cannot be imported (ModuleNotFoundError in broken_driver)",
        ),
        ("1 / 0", "kind: the driver broken cannot be imported (ZeroDivisionError in broken_driver)"),
        ("raise SystemExit(0)", "kind: the driver broken cannot be imported (SystemExit in broken_driver)"),
        (
            "CONTRACT, TRIED_ON, Config, build = 1, '', dict, print",
            "kind: the driver broken (broken_driver) does not define Config as a dataclass",
        ),
        ("TRIED_ON = ''", "kind: the driver broken (broken_driver) does not define CONTRACT, Config, build"),
    ],
)
def test_a_broken_driver_is_named_in_one_sentence(
    install: Install, source: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "broken_driver", raising=False)
    install("broken", source)
    with pytest.raises(OperatorMistake) as mistake:
        driver("broken")
    assert str(mistake.value) == sentence
    assert mistake.value.field == "kind"


def test_an_unknown_kind_is_answered_with_those_that_exist() -> None:
    with pytest.raises(OperatorMistake, match="no driver is called telepathy; there are keyboard-scanner, msr605"):
        driver("telepathy")
