"""A served till and the command line that speaks to it: real processes, a real socket, a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.comptoir import Comptoir, open_till
from tests.fakes.counter import Counter
from tests.fakes.head_office import found_chain


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A founded hub and an enrolled till, to be copied."""
    folder = tmp_path_factory.mktemp("chain")
    found_chain(folder)
    return folder


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[tuple[Counter, Comptoir]]:
    async with open_till(tmp_path) as found:
        yield found


@pytest.fixture
def comptoir(till: tuple[Counter, Comptoir]) -> Comptoir:
    """The command line, speaking to the served till."""
    return till[1]


@pytest.fixture
def counter(till: tuple[Counter, Comptoir]) -> Counter:
    """The till's own side."""
    return till[0]


@pytest.fixture
def alone() -> Comptoir:
    """The command line where no daemon runs."""
    return Comptoir()
