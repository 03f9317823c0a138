"""The plugin of pytest that runs the conformance checks on every `*.reader.toml`; it comes with the package.

`pytest acme.reader.toml` is all that a third party types. What it needs of Comptoir is imported only when it meets such
a file: every run of pytest in this environment loads this module.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from typing_extensions import override

if TYPE_CHECKING:
    from daemon.drivers.conformance import Capture, Check

SUFFIX: Final = ".reader.toml"

pytest.register_assert_rewrite("daemon.drivers.conformance")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A capture is a file of tests."""
    if file_path.name.endswith(SUFFIX):
        collected: pytest.Collector = CaptureFile.from_parent(parent, path=file_path)
        return collected
    return None


class CaptureFile(pytest.File):
    """The checks of one capture."""

    @override
    def collect(self) -> Iterator[pytest.Item]:
        from daemon.drivers.conformance import CHECKS, read_capture

        capture = read_capture(self.path)
        for check in CHECKS:
            yield ConformanceItem.from_parent(self, name=check.__name__, capture=capture, check=check)


class ConformanceItem(pytest.Item):
    """One check on one capture."""

    def __init__(self, *, capture: "Capture", check: "Check", **more: Any) -> None:
        super().__init__(**more)
        self._capture = capture
        self._check = check

    @override
    def runtest(self) -> None:
        from daemon.drivers.conformance import Bench

        async def run() -> None:
            await self._check(Bench(self._capture))

        asyncio.run(run())

    @override
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """What was expected of which frame; the driver's own lines, none of the machinery's."""
        promise = f"the driver {self._capture.kind} breaks its contract: {self.name.replace('_', ' ')}"
        if isinstance(excinfo.value, AssertionError):
            return f"{promise}\n{excinfo.value}"
        return f"{promise}\n{excinfo.getrepr(style='short')}"

    @override
    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name.replace('_', ' ')}"
