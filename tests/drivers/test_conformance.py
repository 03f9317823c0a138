"""The driver kit as a third party meets it: the package of docs/drivers.md, installed in a folder, and its checks."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.config import load_till
from daemon.drivers.conformance import (
    ASKED,
    CHECKS,
    SILENT_READS_MAX,
    Bench,
    Capture,
    Sample,
    ScriptedDevice,
    VirtualClock,
    read_capture,
)
from daemon.drivers.printer_conformance import PRINTER_CHECKS
from daemon.errors import DeviceAbsent, OperatorMistake
from tests.captures.reader_captures import FOLDER, devices

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "drivers.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"```\w+\n# ([\w./]+)[^\n]*\n(.*?)```", PAGE, flags=re.DOTALL))
"""The files that the page shows, by name."""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which the sample package is installed, and its capture lies."""
    (tmp_path / "acme_reader.py").write_text(BLOCKS["acme_reader.py"])
    (tmp_path / "acme.reader.toml").write_text(BLOCKS["acme.reader.toml"])
    facts = tmp_path / "comptoir_acme-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: comptoir-acme\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[comptoir.drivers]\nacme = acme_reader\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("acme_reader", None)


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    """As a third party does, in a folder of its own."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", "--rootdir", str(folder), str(folder)]
    return subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.feature("D7.1")
def test_the_driver_of_the_page_passes_every_check_by_typing_pytest(acme: Path) -> None:
    done = run_pytest(acme)
    assert done.returncode == 0, done.stdout
    assert f"{len(CHECKS)} passed" in done.stdout
    for check in CHECKS:
        assert f"::{check.__name__} PASSED" in done.stdout


@pytest.mark.feature("D7.1")
def test_the_files_of_the_page_are_a_package_that_pip_installs_and_pytest_finds(tmp_path: Path) -> None:
    """As it is typed from an empty folder, but for the network: the entry points are those of the page."""
    folder, site = tmp_path / "acme", tmp_path / "site"
    folder.mkdir()
    printers = re.findall(r'```toml\n(\[project\.entry-points\."comptoir\.printers"\]\n.*?)```', PAGE, flags=re.DOTALL)
    package = BLOCKS["pyproject.toml"].replace('["acme_reader"]', '["acme_reader", "acme_labels"]')
    (folder / "pyproject.toml").write_text("\n".join([package, *printers]))
    for name in ("acme_reader.py", "acme_labels.py"):
        (folder / name).write_text(BLOCKS[name])
    offline = ("--quiet", "--no-index", "--no-build-isolation", "--no-deps", "--target", str(site))
    subprocess.run([sys.executable, "-m", "pip", "install", *offline, str(folder)], check=True, timeout=120)
    for name in ("acme.reader.toml", "acme.printer.toml"):
        (site / name).write_text(BLOCKS[name])
    done = run_pytest(site)
    assert done.returncode == 0, done.stdout
    assert f"{len(CHECKS) + len(PRINTER_CHECKS)} passed" in done.stdout


@pytest.mark.feature("D7.1")
def test_a_kind_of_a_third_party_is_configured_like_any_other(acme: Path) -> None:
    config = acme / "till.toml"
    config.write_text('[till]\nstate_directory = "/var/lib/x"\n' + BLOCKS["/etc/comptoir/till.toml"])
    [reader] = load_till(config).reader
    assert (reader.kind, reader.name, reader.settings.baud) == ("acme", "door", 19_200)


@pytest.mark.feature("D7.1")
def test_a_driver_that_breaks_its_contract_is_told_so_without_the_machinery(acme: Path) -> None:
    (acme / "acme_reader.py").write_text(BLOCKS["acme_reader.py"].replace("% 10 != int(text[-1])", "% 10 == 99"))
    done = run_pytest(acme)
    assert done.returncode == 1
    said = "the driver acme breaks its contract: every frame is read or refused as its capture says"
    assert said in done.stdout
    assert "wrong sum" in done.stdout
    assert "asyncio/runners.py" not in done.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "broken"),
    [
        ("% 10 != int(text[-1])", "% 10 == 99", "every_frame_is_read_or_refused_as_its_capture_says"),
        ('Framing(prefix=b"#")', 'Framing(prefix=b"#", idle_ms=10)', "in_single_bytes_at_the_slowest_pace"),
        ('Framing(prefix=b"#")', 'Framing(prefix=b"#", idle_ms=90_000)', "a_frame_cut_by_silence"),
        ('Framing(prefix=b"#")', "Framing()", "every_frame_is_read_or_refused_as_its_capture_says"),
        ("PRESENCE)", "DebounceRule(window_ms=0, renewed=False))", "the_same_frame_twice_at_once_is_one_reading"),
        ("PRESENCE)", "DebounceRule(window_ms=9000, renewed=True))", "the_same_frame_later_is_a_second_reading"),
        ('"Acme 9000, firmware 2.1, on a Raspberry Pi 4"', '""', "the_driver_says_where_it_was_tried"),
        ("FramedSession(config.name,", 'FramedSession("reader",', "events_carry_the_name_of_the_device"),
    ],
)
async def test_a_mistake_of_a_driver_is_found_by_its_check(acme: Path, right: str, wrong: str, broken: str) -> None:
    source = BLOCKS["acme_reader.py"]
    assert source.count(right) == 1
    source = source.replace("import PRESENCE", "import PRESENCE, DebounceRule").replace(right, wrong)
    (acme / "acme_reader.py").write_text(source)
    capture = read_capture(acme / "acme.reader.toml")
    [check] = [check for check in CHECKS if broken in check.__name__]
    with pytest.raises(AssertionError):
        await check(Bench(capture))


@pytest.mark.feature("D7.1")
def test_a_driver_of_another_contract_is_refused_in_one_sentence(acme: Path) -> None:
    (acme / "acme_reader.py").write_text(BLOCKS["acme_reader.py"].replace("CONTRACT = 1", "CONTRACT = 2"))
    with pytest.raises(OperatorMistake, match=r"written for contract 2 of drivers, this Comptoir has 1: the older"):
        Bench(read_capture(acme / "acme.reader.toml")).reader()


@pytest.mark.feature("D7.2")
def test_every_driver_that_sends_bytes_has_a_capture_and_says_where_it_was_tried() -> None:
    from daemon.drivers.catalogue import READERS, driver

    captured = {read_capture(FOLDER / f"{device}.reader.toml").kind for device in devices()}
    assert captured | {"pcsc"} == set(READERS), "a reader of bytes is checked by the kit, as a third party's is"
    for kind in READERS:
        assert driver(kind).TRIED_ON


def test_a_capture_that_says_too_little_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.reader.toml"
    path.write_text(
        'kind = "rdm6300"\n[config]\nname = "x"\npath = "/dev/x"\n[[frame]]\nname="a"\nbytes="31 0D"\ntext="1"\n'
    )
    with pytest.raises(ValueError, match="needs two frames that are read"):
        read_capture(path)


@pytest.mark.parametrize(
    ("name", "right", "wrong", "said"),
    [
        ("acme.reader.toml", 'kind = "acme"', "", "acme.reader.toml lacks the key 'kind'"),
        ("acme.reader.toml", "23 31", "2x 31", "acme.reader.toml: non-hexadecimal number found"),
        ("acme.reader.toml", "[config]", "[config", "acme.reader.toml: Expected ']'"),
        (
            "acme.printer.toml",
            "in_turn = true",
            "",
            "acme.printer.toml: it needs what the printer answers at once and in",
        ),
        (
            "acme.printer.toml",
            '"paper_out"',
            '"paperout"',
            "acme.printer.toml: hold: one of paper_out, cover_open, ribbon_out, paused, fault is expected",
        ),
    ],
)
def test_a_capture_that_cannot_be_read_is_told_in_one_sentence(
    acme: Path, name: str, right: str, wrong: str, said: str
) -> None:
    assert right in BLOCKS[name]
    (acme / name).write_text(BLOCKS[name].replace(right, wrong, 1))
    done = run_pytest(acme)
    assert done.returncode == 2
    assert said in done.stdout
    assert "Traceback" not in done.stdout
    assert "pytest_plugin.py" not in done.stdout


async def test_a_driver_that_never_asks_its_device_fails_its_check() -> None:
    capture = Capture(kind="x", config={}, samples=(Sample(name="a", data=b"1"),), poll=b"?")
    device = ScriptedDevice(capture, [ASKED, b"1"], VirtualClock())
    for _ in range(SILENT_READS_MAX - 1):
        with pytest.raises(TimeoutError):
            await device.read()
    with pytest.raises(AssertionError, match="does not ask its device"):
        await device.read()
    await device.write(b"card?")
    assert await device.read() == b"1"
    with pytest.raises(DeviceAbsent):
        await device.read()
