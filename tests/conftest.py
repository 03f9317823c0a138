"""What holds for every test: no task and no socket outlives it, markers are true, missing programs are named."""

import asyncio
import gc
import inspect
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web_app
from hypothesis import HealthCheck, settings

from tests.features import Recorder, refuse_unknown_clauses
from tests.programs import require_programs

# How fast examples are drawn says something about the machine, nothing about the law under test.
settings.register_profile("comptoir", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("comptoir")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--features-record", type=Path, help="write the clauses that passing tests drive to this file")


def pytest_configure(config: pytest.Config) -> None:
    target = config.getoption("features_record")
    if target is not None:
        is_worker = hasattr(config, "workerinput")
        config.pluginmanager.register(Recorder(None if is_worker else target), "features-recorder")


SLOW_FIRST = ("system", "blackbox", "browser", "independents")
"""Few tests of many seconds: begun last, one core would go through them while the other has nothing left."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    refuse_unknown_clauses(items)
    slow = [Path(__file__).parent / name for name in SLOW_FIRST]
    items.sort(key=lambda item: not any(item.path.is_relative_to(folder) for folder in slow))


def pytest_runtest_setup(item: pytest.Item) -> None:
    require_programs(item)


@pytest.fixture(autouse=True)
def _no_task_outlives_its_test(request: pytest.FixtureRequest) -> None:
    """Set up before every other fixture, so torn down after them: what still runs then has no owner."""
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("_task_census")


@pytest.fixture
async def _task_census() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    leaked = asyncio.all_tasks() - before - {asyncio.current_task()}
    for task in leaked:
        task.cancel()
    if leaked:
        pytest.fail(f"tasks outlive the test: {sorted(task.get_name() for task in leaked)}", pytrace=False)


@pytest.fixture(autouse=True, scope="module")
def _no_socket_outlives_its_module() -> Iterator[None]:
    """Collect what is unreachable while its module is still known: an open socket in it is a warning, so an error.

    aiohttp keeps the last 1024 handlers of whatever application: in a process of many that is their memory.
    """
    yield
    web_app._cached_build_middleware.cache_clear()
    gc.collect()
