"""The form of a customer over real HTTP: what is saved, what is refused and where it is said, what is never lost."""

import re

import pytest

from daemon.desk.customer import Customer
from daemon.desk.edit import CustomerEdit
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from daemon.store.word_index import begin_reindex
from tests.fakes.counter import Counter
from tests.fakes.page_reader import PageReader, open_till
from tests.fakes.people import CARD, known, sophie

NEW = "/clients/nouveau"


async def stored(counter: Counter, id_: str) -> Customer:
    return await counter.desks.lookup.customer(EntityId(bytes.fromhex(id_)))


async def change_elsewhere(counter: Counter, id_: str, **fields: str) -> None:
    edit = CustomerEdit(**fields)  # type: ignore[arg-type]  # the names of the test
    await counter.desks.edits.edit(
        counter.call(), EntityId(bytes.fromhex(id_)), edit, present=frozenset(fields), version=""
    )


async def test_an_edit_saves_what_was_changed_and_nothing_else(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        where = f"/clients/{id_}/modifier"
        await till.get(where)
        before = await stored(counter, id_)
        page = await till.send(
            where, email="sophie@example.org", city="Rezé", consent_post="granted", tags="VIP, Jardin"
        )
        assert (page.screen, page.address) == ("record", f"/caisse/clients/{id_}")
        assert "Enregistré." in page.text
        after = await stored(counter, id_)
        assert after.email == "sophie@example.org"
        assert after.address is not None
        assert (after.address.line1, after.address.city) == ("8 rue Kervégan", "Rezé")
        assert after.consents.post.state == "granted"
        assert after.consents.post.source == "till"
        assert after.tags == ("Jardin", "VIP")
        assert (after.mobile, after.birthday, after.consents.sms) == (
            before.mobile,
            before.birthday,
            before.consents.sms,
        )


async def test_a_form_in_which_nothing_was_changed_saves_nothing(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        await till.get(f"/clients/{id_}/modifier")
        version = (await stored(counter, id_)).version
        page = await till.send(f"/clients/{id_}/modifier")
        assert (page.screen, "Enregistré." in page.text) == ("record", False)
        assert (await stored(counter, id_)).version == version


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("email", "sophie@", "Ce n’est pas une adresse e-mail."),
        ("mobile", "12", "Ce n’est pas un numéro de téléphone."),
        ("postal_code", "4400", "Aucun code postal de ce pays ne s’écrit ainsi."),
        ("birthday", "17/05/80", "Écrivez le jour comme 17/05/1980, ou 17/05."),
        ("siret", "123", "Ce n’est pas un SIRET : il a 14 chiffres."),
        ("country", "France", "Écrivez le pays en deux lettres, comme FR."),
        ("first_name", "a" * 400, "C’est trop long."),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_stays_typed(
    counter: Counter, name: str, typed: str, words: str
) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        await till.get(f"/clients/{id_}/modifier")
        page = await till.send(f"/clients/{id_}/modifier", **{name: typed})
        assert (page.status, page.screen) == (409, "edit")
        assert words in page.text
        assert f'id="f-{name}"' in page.html.partition('aria-invalid="true"')[0]
        assert page.form(f"/caisse/clients/{id_}/modifier")[name] == typed
        assert "data-dirty" in page.html


async def test_all_that_is_wrong_is_said_at_once_each_beside_its_field(counter: Counter) -> None:
    async with open_till(counter) as till:
        await till.get("/clients/nouveau")
        wrong = {"last_name": "Morel", "email": "x@", "mobile": "12", "postal_code": "4400", "card": "4111111111111111"}
        page = await till.send("/clients/nouveau", **wrong)
        assert (page.status, page.screen) == (409, "edit")
        assert "5 champs sont à revoir." in page.text
        assert page.html.count('aria-invalid="true"') == 5
        for name in ("first_name", "email", "mobile", "postal_code", "card"):
            assert f'id="e-{name}"' in page.html
        assert "C’est une carte bancaire : elle n’est ni cherchée ni gardée." in page.text
        page = await till.send(
            "/clients/nouveau",
            **wrong | {"first_name": "P", "email": "p@example.org", "mobile": "0639981234", "card": ""},
        )
        assert "à revoir" not in page.text
        assert page.html.count('aria-invalid="true"') == 1


@pytest.mark.feature("B5.2")
@pytest.mark.parametrize(
    ("country", "postal_code", "mobile", "is_wrong"),
    [
        ("DE", "1", "030 123456", False),
        ("Germany", "10115", "030 123456", False),
        ("Germany", "10115", "+49 1", True),
        ("FR", "4400", "030 123456", True),
    ],
)
async def test_a_phone_is_read_by_the_country_that_was_typed_though_the_address_is_refused(
    counter: Counter, country: str, postal_code: str, mobile: str, is_wrong: bool
) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        await till.get(f"/clients/{id_}/modifier")
        page = await till.send(
            f"/clients/{id_}/modifier", country=country, postal_code=postal_code, mobile=mobile, phone=""
        )
        assert (page.status, page.html.count('aria-invalid="true"')) == (409, 1 + is_wrong)
        assert ('id="e-mobile"' in page.html) is is_wrong


async def test_an_edit_over_a_newer_version_keeps_what_was_typed_and_shows_the_other_value(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        where = f"/clients/{id_}/modifier"
        await till.get(where)
        await change_elsewhere(counter, id_, mobile="0639980001", email="elsewhere@example.org")
        page = await till.send(where, mobile="0639980002", phone="0240000000")
        assert page.status == 409
        assert "La fiche a été modifiée ailleurs pendant votre saisie." in page.text
        assert "Ailleurs, c’est devenu : 06 39 98 00 01" in page.text
        assert page.form("/caisse" + where)["email"] == "elsewhere@example.org"
        saved = await till.send(where)
        assert saved.screen == "record"
        after = await stored(counter, id_)
        assert (after.mobile, after.phone, after.email) == ("+33639980002", "+33240000000", "elsewhere@example.org")


async def test_a_field_that_was_emptied_elsewhere_is_said_to_be(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        await till.get(f"/clients/{id_}/modifier")
        await change_elsewhere(counter, id_, email="")
        page = await till.send(f"/clients/{id_}/modifier", email="new@example.org")
        assert "Ailleurs, ce champ a été vidé." in page.text


async def test_saving_leads_on_to_where_the_held_scan_wanted_to_go(counter: Counter) -> None:
    id_, paul = await sophie(counter), await known(counter, last_name="Morel")
    async with open_till(counter) as till:
        await till.get(f"/clients/{id_}/modifier")
        page = await till.send(f"/clients/{id_}/modifier", city="Rezé", onward=f"/caisse/clients/{paul}")
        assert page.address == f"/caisse/clients/{paul}"
        await till.get(f"/clients/{id_}/modifier")
        page = await till.send(f"/clients/{id_}/modifier", city="Nantes", onward="https://example.org/")
        assert page.address == "/caisse"


@pytest.mark.feature("B1.1")
async def test_a_customer_is_created_from_the_quick_form(counter: Counter) -> None:
    async with open_till(counter) as till:
        page = await till.get(NEW, q="kerouedan maël 29")
        assert (page.form("/caisse" + NEW)["last_name"], page.form("/caisse" + NEW)["first_name"]) == (
            "Kerouedan",
            "Maël",
        )
        made = await till.send(NEW, email="mael@example.org", card="2900000077", consent_email="granted")
        assert made.screen == "record"
        assert "Client créé." in made.text
        after = await stored(counter, made.address.rpartition("/")[2])
        assert (after.display_name, after.email, after.kind) == ("Maël Kerouedan", "mael@example.org", "person")
        assert after.consents.email.state == "granted"
        assert [card.number for card in after.cards] == ["2900000077"]
        assert after.code


@pytest.mark.feature("B1.2")
async def test_what_the_policy_requires_is_asked_for_beside_its_field(counter: Counter) -> None:
    async with open_till(counter) as till:
        await till.get(NEW)
        page = await till.send(NEW, last_name="Kerouedan", first_name="Maël")
        assert "À remplir." in page.text
        company = await till.send(NEW, kind="company", company_name="")
        assert (company.status, "À remplir." in company.text) == (409, True)


@pytest.mark.feature("B2.1")
async def test_a_known_email_identifies_instead_of_creating(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        await till.get(NEW)
        page = await till.send(NEW, last_name="X", first_name="Y", email="S.Lefevre@example.org")
        assert page.address == f"/caisse/clients/{id_}"
        assert "Cet e-mail était déjà connu" in page.text


@pytest.mark.feature("B2.2")
async def test_a_known_phone_or_card_proposes_its_owner_and_two_people_may_share_a_phone(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        await till.get(NEW)
        typed = {"last_name": "Lefèvre", "first_name": "Luc", "email": "luc@example.org"}
        for field, value in (("card", CARD), ("mobile", "06 39 98 12 34")):
            page = await till.send(NEW, **typed, **{field: value})
            assert "Déjà connu ?" in page.text
            assert f'href="/caisse/clients/{id_}" data-discard' in page.html
        made = await till.send(NEW, **typed, card="", mobile="0639981234", even_if_known="1")
        assert "Client créé." in made.text


async def test_known_already_says_while_names_are_indexed_again(counter: Counter) -> None:
    async with open_till(counter) as till:
        said = "tous ceux de ce nom ne se trouvent pas encore"
        assert said not in (await till.get(NEW)).text
        await counter.database.write(begin_reindex)
        assert said in (await till.get(NEW)).text


@pytest.mark.feature("B2.2", "B22.3")
async def test_a_card_of_somebody_else_goes_to_the_new_customer_by_a_button_that_says_so(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        await till.get(NEW)
        typed = {"last_name": "Lefèvre", "first_name": "Luc", "email": "luc@example.org", "card": CARD}
        typed["mobile"] = "06 39 98 12 34"
        asked = await till.send(NEW, **typed)
        assert "la carte passe au nouveau client" in asked.text
        assert "créer quand même" not in asked.text
        again = await till.send(NEW, **typed, even_if_known="1")
        assert "Cette carte est celle d’un autre client." in again.text, "a word about a phone is none about a card"
        made = await till.send(NEW, **typed, even_if_known="card")
        assert "Client créé." in made.text
    here = await counter.desks.lookup.customer(EntityId(bytes.fromhex(id_)))
    assert here.cards == ()


@pytest.mark.feature("B2.2")
async def test_known_already_lists_whom_its_own_sentence_is_about(counter: Counter) -> None:
    id_ = await sophie(counter)
    paul = await known(counter, first_name="Paul", last_name="Morel", mobile="0639981255")
    async with open_till(counter) as till:
        await till.get(NEW)
        page = await till.send(
            NEW, last_name="X", first_name="Y", email="x@example.org", card=CARD, mobile="0639981255"
        )
        listed = page.html.partition('id="known-t"')[2].partition("</section>")[0]
        assert [f"clients/{one}" in listed for one in (id_, paul)] in ([True, False], [False, True])


def opened_step(html: str) -> str:
    """The step of a small screen that is shown first, and the faults it tells, as `1`, `2 1`."""
    [step] = re.findall(r'id="step(\d)" checked', html)
    counts = re.findall(r'id="step(\d)"[^>]*><span class="btn">[^<]*(?:<svg.*?</svg>(\d+))?', html, re.DOTALL)
    return f"{step} {dict(counts)[step]}".strip()


async def test_a_value_that_was_changed_elsewhere_opens_its_own_step(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        where = f"/clients/{id_}/modifier"
        for elsewhere, typed, step in (
            ({"last_name": "Morel"}, {"last_name": "Martin"}, "1 1"),
            ({"mobile": "0639980001"}, {"mobile": "0639980002"}, "2 1"),
            ({"member_number": "77"}, {"city": "Rezé"}, "1"),
        ):
            assert opened_step((await till.get(where)).html) == "1"
            await change_elsewhere(counter, id_, **elsewhere)
            page = await till.send(where, **typed)
            if page.status == 409:
                assert "à revoir" not in page.text
                assert opened_step(page.html) == step
            else:
                assert step == "1", "what does not clash is laid over the newer version"


@pytest.mark.feature("B2.3")
async def test_the_same_press_twice_creates_one(counter: Counter) -> None:
    async with open_till(counter) as till:
        await till.get(NEW)
        form = {
            **till.last.form("/caisse" + NEW),
            "last_name": "Kerouedan",
            "first_name": "M",
            "email": "m@example.org",
        }
        first, second = await till.post(NEW, **form), await till.post(NEW, **form)
        assert first.address == second.address
        assert (await counter.desks.lookup.search("kerouedan")).total == 1


async def test_a_code_that_somebody_has_is_refused_and_cannot_be_forced(counter: Counter) -> None:
    await sophie(counter)
    async with open_till(counter) as till:
        await till.get(NEW)
        page = await till.send(NEW, last_name="Morel", first_name="P", email="p@example.org", code="C004218")
        assert "Ce code est celui d’un autre client." in page.text
        assert "Ce sont deux personnes" not in page.text


async def test_a_payment_card_is_not_kept_as_a_card(counter: Counter) -> None:
    async with open_till(counter) as till:
        await till.get(NEW)
        page = await till.send(NEW, last_name="M", first_name="P", email="p@example.org", card="4111111111111111")
        assert "C’est une carte bancaire : elle n’est ni cherchée ni gardée." in page.text


async def test_a_form_without_its_token_changes_nothing(counter: Counter) -> None:
    id_ = await sophie(counter)
    async with open_till(counter) as till:
        await till.get(f"/clients/{id_}/modifier")
        till.token = "0" * 64
        before = await stored(counter, id_)
        page = await till.send(f"/clients/{id_}/modifier", city="Paris")
        assert page.status == 403
        assert await stored(counter, id_) == before


async def test_the_walk_in_customer_gets_no_consents_and_the_form_says_so(counter: Counter) -> None:
    walk_in = await counter.choose_walk_in()
    async with open_till(counter) as till:
        await till.get(f"/clients/{walk_in}/modifier")
        page = await till.send(f"/clients/{walk_in}/modifier", consent_sms="granted")
        assert (page.screen, "Votre rôle ne le permet pas." in page.text) == ("edit", True)


async def test_an_edit_by_who_may_not_is_refused(counter: Counter) -> None:
    id_ = await sophie(counter)

    async def watched(till: PageReader) -> None:
        page = await till.post(f"/clients/{id_}/modifier", email="x@example.org", at="/caisse")
        assert "Votre rôle ne le permet pas." in page.text

    async with open_till(counter, role=Role.MONITOR) as till:
        await watched(till)


async def test_a_customer_who_is_gone_is_said_to_be_gone(counter: Counter) -> None:
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{'0' * 16}/modifier")
        assert (page.status, page.screen) == (404, "problem")
        assert "Ce n’est plus ici." in page.text
