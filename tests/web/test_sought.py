"""What was sought in vain becomes the form of a new customer."""

import pytest

from daemon.web.sought import named, sought
from tests.fakes.counter import Counter
from tests.fakes.people import known


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("kerouedan", "Kerouedan"),
        ("kerouedan brest", "Kerouedan, Brest"),
        ("kerouedan yann le mans", "Kerouedan Yann, Le Mans"),
        ("kerouedan 29200 brest", "Kerouedan, 29200 Brest"),
        ("brest", "Brest"),
        ("kerouedan rochelle", "Kerouedan Rochelle"),
        ("kerouedan la rochelle", "Kerouedan, La Rochelle"),
        ("06 39 98 12 34", "06 39 98 12 34"),
        ("0639981234", "06 39 98 12 34"),
        ("06.39.98.12.34", "06 39 98 12 34"),
        ("+33 6 39 98 12 34", "06 39 98 12 34"),
        ("0033639981234", "06 39 98 12 34"),
        ("kerouedan 01-99-00-12-34 29200 brest", "Kerouedan, 29200 Brest, 01 99 00 12 34"),
        ("0692 12 34 56 kerouedan", "Kerouedan, 0692 12 34 56"),
        ("+32 470 12 34 56", "+32 470 12 34 56"),
        ("06 39 98 12", ""),
        ("29200", "29200"),
        ("yann@example.org", "yann@example.org"),
        ("<script>", ""),
    ],
)
async def test_name_town_and_numbers_find_their_fields(counter: Counter, typed: str, made: str) -> None:
    assert named(await sought(counter.desks, typed)) == made


async def test_a_first_name_that_is_a_town_too_is_a_first_name_where_somebody_has_it(counter: Counter) -> None:
    assert named(await sought(counter.desks, "morel marie")) == "Morel, Marie"
    await known(counter, first_name="Marie", last_name="Riou", email="m@example.org")
    assert named(await sought(counter.desks, "morel marie")) == "Morel Marie"
