"""Head office's screen of groups, types, lists and rules, over real HTTP."""

import html
import re
from pathlib import Path

import pytest

from daemon.domain.loyalty import LoyaltyRule
from daemon.domain.role import Role
from daemon.web.i18n import Words
from daemon.web.office_terms_page import rule_sentence
from tests.fakes.counter import HUB, open_counter
from tests.fakes.page_reader import PIN, open_pages


@pytest.mark.feature("B10.3")
async def test_a_group_is_made_and_its_discount_changed_on_the_screen(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter:
        jeanne = await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        async with open_pages(counter) as office:
            await office.log_in(jeanne)
            page = await office.get("/conditions")
            assert page.screen == "office_terms"
            assert "Aucune liste de prix" in page.text
            page = await office.post("/conditions/groupes", label="Pro", discount="12,5 %")
            assert "Enregistré, pour toutes les caisses." in page.text
            (group,) = (one for one in (await counter.desks.terms.groups()).groups if not one.is_default)
            assert (group.label, group.discount) == ("Pro", 1250)
            assert 'value="12,5 %"' in page.html.replace("\u202f", " ").replace("\xa0", " ")
            await office.post(f"/conditions/groupes/{group.id}", label="Professionnels", discount="")
            (group,) = (one for one in (await counter.desks.terms.groups()).groups if not one.is_default)
            assert (group.label, group.discount) == ("Professionnels", None)
            await office.post("/conditions/types", label="Association", discount="5")
            (type_,) = (await counter.desks.terms.types()).types
            assert (type_.label, type_.discount) == ("Association", 500)
            await office.post(f"/conditions/types/{type_.id}", label="Association", discount="7,5")
            assert (await counter.desks.terms.types()).types[0].discount == 750


async def test_what_is_no_percentage_is_refused_in_a_sentence_and_nothing_is_made(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter:
        jeanne = await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        async with open_pages(counter) as office:
            await office.log_in(jeanne)
            page = await office.post("/conditions/groupes", label="Pro", discount="beaucoup", at="/siege/conditions")
            assert "Ce n’est pas une remise" in page.text
            assert len((await counter.desks.terms.groups()).groups) == 1


async def test_who_may_not_keep_terms_reads_them_only(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter:
        paul = await counter.hire("Paul", pin=PIN, role=Role.MANAGER)
        async with open_pages(counter) as office:
            await office.log_in(paul)
            assert "/siege/conditions/groupes" not in (await office.get("/conditions")).html
            refused = await office.post("/conditions/groupes", label="Pro", at="/siege/conditions")
            assert "Pro" not in [one.label for one in (await counter.desks.terms.groups()).groups]
            assert "Votre rôle" in refused.text


async def test_policies_are_shown_in_words_with_their_origin(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter:
        jeanne = await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        async with open_pages(counter) as office:
            await office.log_in(jeanne)
            page = await office.get("/reglages")
            assert "Vendeur remise 10 %" in page.text.replace("\xa0", " ")
            assert "comme livré" in page.text
            assert "mois sans signe d’un client" in page.text


def test_a_rule_is_said_in_one_line() -> None:
    words = Words("fr")
    said = {
        "points": rule_sentence(LoyaltyRule(id="1", label="", kind="points", rate=150), words),
        "threshold": rule_sentence(LoyaltyRule(id="2", label="", kind="threshold", every=500), words),
        "birthday": rule_sentence(LoyaltyRule(id="3", label="", kind="birthday", before=7), words),
    }
    assert said == {
        "points": "points : 1,5 par euro",
        "threshold": "un coupon tous les 500 points",
        "birthday": "un coupon dès 7 jours avant l’anniversaire",
    }


@pytest.mark.feature("B1.2", "B6.3")
async def test_who_owns_the_chain_sets_policies_on_the_screen(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter:
        anne = await counter.hire("Anne", pin=PIN, role=Role.OWNER)
        policies = counter.desks.policies
        async with open_pages(counter) as office:
            await office.log_in(anne)
            assert "regle=npai_alert" in (await office.get("/reglages")).html
            for name, field, typed, held in (
                ("npai_alert", "say.", "acknowledge", "acknowledge"),
                ("search_length_min", "say.", "3", 3),
                ("retention_months", "say.", "24", 24),
                ("time_zone", "say.", "Indian/Reunion", "Indian/Reunion"),
            ):
                page = await office.post(f"/reglages/{name}", **{field: typed})
                assert "Enregistré, pour toutes les caisses." in page.text
                assert (await policies.one(name)).value == held
            forms = {
                name: fields_in((await office.get("/reglages", regle=name)).html, name)
                for name in ("caps", "required", "expiry", "proof")
            }
            assert forms["caps"]["say.cashier.discount"] == "10"
            caps = forms["caps"] | {"say.cashier.discount": "12,5", "say.manager.points": ""}
            await office.post("/reglages/caps", **caps)
            held_caps = (await policies.one("caps")).value
            assert (held_caps["cashier"]["discount"], held_caps["manager"]["points"]) == (1250, None)
            assert held_caps["manager"]["credit"] == 20_000, "what was not touched stays"
            await office.post("/reglages/caps", **{"say.cashier.discount": "11"})
            held_caps = (await policies.one("caps")).value
            assert held_caps["cashier"]["discount"] == 1100
            assert held_caps["manager"] == {**held_caps["manager"], "points": None, "credit": 20_000}, (
                "nor what is not there"
            )
            required = forms["required"] | {"say.till.person": "Prénom, Portable, birthday"}
            await office.post("/reglages/required", **required)
            assert (await policies.one("required")).value["till"]["person"] == ("first_name", "mobile", "birthday")
            await office.post("/reglages/expiry", **{"say.months": "18", "say.notice_days": ""})
            assert (await policies.one("expiry")).value.months == 18
            await office.post("/reglages/expiry", **{"say.months": "", "say.notice_days": ""})
            assert (await policies.one("expiry")).value is None
            assert forms["proof"]["say.name.on_account"] == "200"
            await office.post("/reglages/proof", **(forms["proof"] | {"say.applications_read": "yes"}))
            proof = (await policies.one("proof")).value
            assert (proof.applications_read, proof.name["on_account"], proof.pin["points"]) == (True, 20_000, None)


async def test_a_policy_beyond_its_bounds_stays_and_who_may_not_set_it_has_no_form(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter:
        anne = await counter.hire("Anne", pin=PIN, role=Role.OWNER)
        jeanne = await counter.hire("Jeanne", pin=PIN, role=Role.OFFICE)
        async with open_pages(counter) as office:
            await office.log_in(anne)
            for typed in ("500", "beaucoup", ""):
                page = await office.post("/reglages/retention_months", **{"say.": typed})
                assert "elle reste comme elle était" in page.text
            assert (await counter.desks.policies.one("retention_months")).value == 36
        async with open_pages(counter) as office:
            await office.log_in(jeanne)
            page = await office.get("/reglages", regle="caps")
            assert "/siege/reglages/" not in page.html
            assert "comptoir hub policy set" in page.text
            refused = await office.post("/reglages/retention_months", **{"say.": "24", "at": "/siege/reglages"})
            assert "Votre rôle" in refused.text


def fields_in(page: str, policy: str) -> dict[str, str]:
    """The fields of a policy's form as the page shows them."""
    form = page.partition(f'action="/siege/reglages/{policy}"')[2].partition("</form>")[0]
    found = {name: html.unescape(value) for name, value in re.findall(r'name="(say\.[^"]*)" value="([^"]*)"', form)}
    for name, options in re.findall(r'name="(say\.[^"]*)">(.*?)</select>', form, re.DOTALL):
        found[name] = re.findall(r'value="([^"]*)" selected', options)[0]
    return found
