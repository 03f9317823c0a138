"""Who is known already while a form is typed, and the towns of a postal code."""

import pytest

from tests.fakes.counter import Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import CARD, known, sophie


@pytest.mark.feature("B2.2")
@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"email": "s.lefevre@example.org"}, "même e-mail"),
        ({"mobile": "06 39 98 12 34"}, "même portable"),
        ({"card": CARD}, "même carte"),
        ({"first_name": "sophie", "last_name": "LEFEVRE", "birthday": "1/1"}, "même nom"),
        ({"first_name": "Sophie", "last_name": "Lefebvre", "postal_code": "44000"}, "nom proche"),
    ],
)
async def test_somebody_is_known_by_what_only_they_have_and_by_name(
    counter: Counter, typed: dict[str, str], why: str
) -> None:
    await sophie(counter)
    async with open_till(counter) as till:
        page = await till.post("/clients/connus", **typed)
        assert "Sophie Lefèvre" in page.text
        assert why in page.text


@pytest.mark.parametrize(
    "typed", [{}, {"email": "s.lef@"}, {"mobile": "063"}, {"first_name": "Sophie", "last_name": "L"}]
)
async def test_half_a_value_and_two_fields_name_nobody(counter: Counter, typed: dict[str, str]) -> None:
    await sophie(counter)
    async with open_till(counter) as till:
        assert "Lefèvre" not in (await till.post("/clients/connus", **typed)).text


@pytest.mark.feature("B5.4")
async def test_a_postal_code_offers_its_towns_until_one_is_typed(counter: Counter) -> None:
    id_ = await known(counter, last_name="Morel")
    async with open_till(counter) as till:
        page = await till.post("/clients/connus", postal_code="35000", country="FR")
        assert 'data-fill="#f-city">Rennes<' in page.html
        for typed in ({"postal_code": "35000", "city": "Rennes"}, {"postal_code": "3500"}, {"postal_code": "XXXXX"}):
            assert "data-fill" not in (await till.post(f"/clients/connus?pour={id_}", **typed)).html
