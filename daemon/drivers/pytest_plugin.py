"""The plugin of pytest that runs the conformance checks on every `*.reader.toml` and `*.printer.toml`.

It comes with the package: `pytest acme.reader.toml` is all that a third party types. What it needs of Comptoir is
imported only when it meets such a file: every run of pytest in this environment loads this module.
"""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest
from typing_extensions import override

if TYPE_CHECKING:
    from daemon.drivers import printer_conformance
    from daemon.drivers.conformance import Capture, Check
    from daemon.drivers.printer_bench import PrinterCapture

T = TypeVar("T")

SUFFIX: Final = ".reader.toml"
PRINTER_SUFFIX: Final = ".printer.toml"

pytest.register_assert_rewrite("daemon.drivers.conformance", "daemon.drivers.printer_conformance")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A capture is a file of tests."""
    if file_path.name.endswith(SUFFIX):
        collected: pytest.Collector = CaptureFile.from_parent(parent, path=file_path)
        return collected
    if file_path.name.endswith(PRINTER_SUFFIX):
        played: pytest.Collector = PrinterCaptureFile.from_parent(parent, path=file_path)
        return played
    return None


class CaptureFile(pytest.File):
    """The checks of one capture."""

    @override
    def collect(self) -> Iterator[pytest.Item]:
        from daemon.drivers.conformance import CHECKS, read_capture

        capture = _read(read_capture, self.path)
        for check in CHECKS:
            yield ConformanceItem.from_parent(self, name=check.__name__, capture=capture, check=check)


class PrinterCaptureFile(pytest.File):
    """The checks of one capture of a printer."""

    @override
    def collect(self) -> Iterator[pytest.Item]:
        from daemon.drivers.printer_bench import read_printer_capture
        from daemon.drivers.printer_conformance import PRINTER_CHECKS

        capture = _read(read_printer_capture, self.path)
        for check in PRINTER_CHECKS:
            yield PrinterItem.from_parent(self, name=check.__name__, capture=capture, check=check)


def _read(read: Callable[[Path], T], path: Path) -> T:
    """A capture; what is wrong with its file is told in one sentence."""
    from daemon.errors import OperatorMistake

    try:
        return read(path)
    except KeyError as missing:
        raise pytest.Collector.CollectError(f"{path.name} lacks the key {missing}") from missing
    except (ValueError, OperatorMistake) as wrong:
        raise pytest.Collector.CollectError(f"{path.name}: {wrong}") from wrong


class _Promise(pytest.Item):
    """One check on one capture, of the driver of this kind."""

    kind: str

    @override
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """What was expected of what; the driver's own lines, none of the machinery's."""
        promise = f"the driver {self.kind} breaks its contract: {self.name.replace('_', ' ')}"
        if isinstance(excinfo.value, AssertionError):
            return f"{promise}\n{excinfo.value}"
        return f"{promise}\n{excinfo.getrepr(style='short')}"

    @override
    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name.replace('_', ' ')}"


class ConformanceItem(_Promise):
    """One check on what a reader sends."""

    def __init__(self, *, capture: "Capture", check: "Check", **more: Any) -> None:
        super().__init__(**more)
        self.kind = capture.kind
        self._capture = capture
        self._check = check

    @override
    def runtest(self) -> None:
        from daemon.drivers.conformance import Bench

        async def run() -> None:
            await self._check(Bench(self._capture))

        asyncio.run(run())


class PrinterItem(_Promise):
    """One check on what a printer answers."""

    def __init__(self, *, capture: "PrinterCapture", check: "printer_conformance.Check", **more: Any) -> None:
        super().__init__(**more)
        self.kind = capture.kind
        self._capture = capture
        self._check = check

    @override
    def runtest(self) -> None:
        self._check(self._capture)
