"""Own terms and agreed prices on the record, over real HTTP: shown with their reason, edited by who may."""

import pytest

from daemon.desk.price_lists import ProductEdit
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from daemon.errors import OperatorMistake
from daemon.web.terms_page import hundredths
from tests.fakes.counter import Counter
from tests.fakes.page_reader import PIN, open_till
from tests.fakes.people import known
from tests.fakes.products import listed, stocked, typed

STAFF = EntityId(b"\x07" * 8)


@pytest.fixture
async def paul(counter: Counter) -> str:
    await counter.choose_walk_in()
    await stocked(counter, "410001", ProductEdit(label="Sécateur", price_cents=4990))
    await listed(counter, "PRO", "Professionnels")
    await typed(counter, STAFF, "Personnel", 2000)
    return await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")


@pytest.mark.feature("F1.1")
async def test_a_manager_agrees_a_price_and_takes_it_back_with_a_way_back(counter: Counter, paul: str) -> None:
    manager = await counter.hire("Yann", pin=PIN, role=Role.MANAGER)
    here = f"/clients/{paul}/tarif"
    async with open_till(counter) as till:
        await till.log_in(manager)
        page = await till.post(f"{here}/prix", product="410001", price="44,90")
        assert "Article Prix normal Son prix Depuis Par" in page.text
        assert "Sécateur 410001 49,90 € 44,90 € 9 octobre Yann" in page.text
        page = await till.post(f"{here}/prix", product="410001", price="10 %")
        assert "−10 %" in page.text
        first = (await counter.desks.customer_terms.terms(EntityId(bytes.fromhex(paul)))).prices[0]
        page = await till.post(f"{here}/prix/{first.id}/retirer")
        undo = page.part("word").partition('action="/caisse')[2].partition('"')[0].replace("&amp;", "&")
        await till.post(undo)
        prices = (await counter.desks.customer_terms.terms(EntityId(bytes.fromhex(paul)))).prices
        assert sorted((one.price_cents or 0, one.discount or 0) for one in prices) == [(0, 1000), (4490, 0)]


async def test_own_terms_are_kept_as_the_form_shows_them(counter: Counter, paul: str) -> None:
    manager = await counter.hire("Yann", pin=PIN, role=Role.MANAGER)
    id_ = EntityId(bytes.fromhex(paul))
    async with open_till(counter) as till:
        await till.log_in(manager)
        here = f"/clients/{paul}/tarif"
        page = await till.post(here, discount="7,5", price_list="PRO", type=STAFF.hex())
        assert 'value="7,5"' in page.html
        assert "Personnel" in page.text
        assert "−7,5 %" in page.text
        terms = await counter.desks.customer_terms.terms(id_)
        assert (terms.discount, terms.price_list, terms.type is not None) == (750, "PRO", True)
        await till.post(here, discount="", price_list="", type="")
        terms = await counter.desks.customer_terms.terms(id_)
        assert (terms.discount, terms.price_list, terms.type) == (None, "", None)


async def test_what_is_no_price_and_no_article_is_said_and_nothing_is_kept(counter: Counter, paul: str) -> None:
    manager = await counter.hire("Yann", pin=PIN, role=Role.MANAGER)
    here, at = f"/clients/{paul}/tarif", f"/caisse/clients/{paul}?section=terms"
    async with open_till(counter) as till:
        await till.log_in(manager)
        for form, said in (
            ({"product": "410001", "price": "cher"}, "Ce n’est pas un montant"),
            ({"product": "999", "price": "1"}, "Aucun article du catalogue n’a ce code."),
            ({"product": "", "price": "1"}, "Scannez un article, ou tapez son code."),
        ):
            assert said in (await till.post(f"{here}/prix", at=at, **form)).text
        assert "Ce n’est pas une remise" in (await till.post(here, discount="x", at=at)).text
    assert (await counter.desks.customer_terms.terms(EntityId(bytes.fromhex(paul)))).prices == ()


async def test_a_scanned_article_waits_in_the_field_for_its_price(counter: Counter, paul: str) -> None:
    manager = await counter.hire("Yann", pin=PIN, role=Role.MANAGER)
    async with open_till(counter) as till:
        await till.log_in(manager)
        at = f"/caisse/clients/{paul}?section=terms"
        page = await till.post("/lecture", outcome="product", product="410001", at=at)
        assert page.form(f"/caisse/clients/{paul}/tarif/prix")["product"] == "410001"


async def test_a_cashier_sees_terms_and_cannot_change_them(counter: Counter, paul: str) -> None:
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{paul}", section="terms")
        assert "Conditions habituelles." in page.text
        assert "ownterms" not in page.html
        at = f"/caisse/clients/{paul}?section=terms"
        refused = await till.post(f"/clients/{paul}/tarif/prix", product="410001", price="1", at=at)
        assert "Votre rôle ne le permet pas" in refused.text or "rôle" in refused.text


@pytest.mark.parametrize(
    ("text", "value"), [("12,5", 1250), ("12.50 €", 1250), ("1 200", 120_000), ("0,07", 7), (",5", 50)]
)
def test_amounts_are_read_as_they_are_typed(text: str, value: int) -> None:
    assert hundredths(text, "price") == value


@pytest.mark.parametrize("text", ["", "x", "-1", "1,234", "1e3", "12345678901", "٣"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(OperatorMistake):
        hundredths(text, "price")
