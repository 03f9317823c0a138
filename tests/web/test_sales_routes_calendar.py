"""In which month a sale counts, over HTTP: on either side of a change of the clocks and of 29 February."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.selling import customer, sell
from tests.fakes.two_tills import TwoTills
from tests.web.test_sales_routes import PEN, chain, revenue


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[TwoTills]:
    async for found in chain(tmp_path, (1, 1)):
        yield found


@pytest.mark.feature("C10.1")
async def test_a_late_sale_counts_in_the_month_that_the_shop_had_in_summer_time_and_on_29_february(
    shop: TwoTills,
) -> None:
    who = await customer(shop.one)
    for sold_at in (
        *("2024-02-29T22:59:00Z", "2024-02-29T23:01:00Z"),  # 23:59 and the next day's 00:01 in Paris, in winter
        *("2025-03-31T21:59:00Z", "2025-03-31T22:01:00Z", "2025-03-31T22:59:00Z"),  # as late, in summer
        *("2025-03-30T00:59:00Z", "2025-03-30T01:01:00Z"),  # the hour that this night does not have lies between them
    ):
        await sell(shop.one, who, PEN, sold_at=sold_at)
    await shop.sync()
    for browser in (shop.hub, *shop.tills):
        assert await revenue(browser, who) == {"2024-02": 3000, "2024-03": 3000, "2025-03": 9000, "2025-04": 6000}
