"""Where the values of a customer come from, over real HTTP."""

import pytest

from daemon.desk.edit import CustomerEdit
from daemon.domain.ids import EntityId
from tests.browser.states import disagreement
from tests.fakes.counter import Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import sophie


@pytest.mark.feature("F1.1", "B15.3")
async def test_each_value_says_what_it_replaced_and_who_said_it(counter: Counter) -> None:
    id_ = await sophie(counter)
    given, present = CustomerEdit(email="new@example.org"), frozenset({"email"})
    await counter.desks.edits.edit(counter.call(), EntityId(bytes.fromhex(id_)), given, present=present, version="")
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}/pourquoi")
        assert page.screen == "why"
        assert "E-mail new@example.org" in page.text


async def test_two_values_that_met_stand_above_and_one_touch_settles_them(counter: Counter) -> None:
    id_ = await sophie(counter)
    await disagreement(counter, EntityId(bytes.fromhex(id_)))
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}/pourquoi")
        assert "note--violet" in page.html
        chosen = page.html.partition('name="chosen" value="')[2].partition('"')[0]
        settled = await till.send(f"/clients/{id_}/choix", chosen=chosen)
        assert "C’est réglé" in settled.text
        assert "note--violet" not in (await till.get(f"/clients/{id_}/pourquoi")).html


async def test_who_is_not_here_has_no_such_page(counter: Counter) -> None:
    async with open_till(counter) as till:
        assert (await till.get(f"/clients/{'0' * 16}/pourquoi")).status == 404
