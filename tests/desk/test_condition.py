"""How many customers this copy holds: counted a portion at a time, and not at each question."""

from pathlib import Path

import pytest

from daemon.desk import condition
from tests.fakes.counter import open_counter
from tests.fakes.people import known


async def test_customers_are_counted_in_portions_and_again_after_some_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(condition, "COUNTED_AT_ONCE", 2)
    async with open_counter(tmp_path) as counter:
        desk = counter.desks.condition
        assert await desk.customers() == 0
        for number in range(5):
            await known(counter, first_name="Sophie", last_name="Lefèvre", email=f"s{number}@example.org")
        assert await desk.customers() == 0, "as it was counted last"
        counter.clock.at_ms += int(condition.COUNTED_S * 1000) + 1000
        assert await desk.customers() == 5
