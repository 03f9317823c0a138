"""`comptoir customers …` against a served till."""

import os
import pwd

import pytest

from daemon.store.word_index import begin_reindex
from tests.fakes.comptoir import Comptoir, Ended
from tests.fakes.counter import Counter

HELENE = (
    *("--first-name", "Hélène", "--last-name", "Lefèvre", "--email", "helene@example.fr"),
    *("--mobile", "06 12 34 56 78", "--postal-code", "44000", "--city", "Nantes", "--card", "2900000000012"),
    *("--tag", "fidèle", "--consent", "newsletter=yes"),
)


async def created(comptoir: Comptoir, *words: str) -> Ended:
    made = await comptoir("customers", "create", *(words or HELENE), "--json")
    assert made.code == 0, made.err
    return made


@pytest.mark.feature("A1.1", "A1.4", "A1.6")
@pytest.mark.parametrize(
    ("typed", "found_by"),
    [
        ("helene", "First name Hélène"),
        ("LEFEV", "Last name Lefèvre"),
        ("helene@example.fr", "E-mail helene@example.fr"),
        ("44000", "Postal code 44000"),
        ("0612345678", "Mobile 06 12 34 56 78"),
        ("2900000000012", "Card 2900000000012"),
        ("fidele", "Tag fidèle"),
    ],
)
async def test_a_search_finds_by_whatever_is_known_and_says_by_what(
    comptoir: Comptoir, typed: str, found_by: str
) -> None:
    await created(comptoir)
    found = await comptoir("customers", "search", typed)
    assert found.code == 0
    title, row = found.out.splitlines()
    assert title.split() == ["Code", "Name", "Town", "Telephone", "E-mail", "Found", "by"]
    assert row.startswith("C012000001  Hélène Lefèvre  44000 Nantes  06 12 34 56 78  helene@example.fr  ")
    assert row.endswith(found_by)


@pytest.mark.feature("A1.5")
async def test_who_is_almost_called_so_is_shown_but_no_command_takes_it_for_the_name(comptoir: Comptoir) -> None:
    await created(comptoir)
    found = await comptoir("customers", "search", "lefebvre")
    assert found.out.splitlines()[1].endswith("Last name Lefèvre (almost: sounds the same)")
    slip = await comptoir.in_french()("customers", "search", "lefvere")
    assert slip.out.splitlines()[1].endswith("Lefèvre (presque : faute de frappe)")
    assert (await comptoir("customers", "show", "lefevre")).code == 0
    assert (await comptoir("customers", "show", "lefebvre")).code == 4


@pytest.mark.feature("A1.7", "A2.2")
async def test_a_cut_list_says_so_and_how_old_the_copy_is(comptoir: Comptoir) -> None:
    for name in ("Anne", "Annie", "Anna"):
        await created(comptoir, "--first-name", name, "--last-name", "Martin", "--email", f"{name}@example.fr")
    found = await comptoir.in_french()("customers", "search", "martin", "--limit", "2")
    assert found.err == "2 premiers sur 3 · copie pas encore prouvée égale · 3 en attente du siège\n"


async def test_while_the_index_is_made_again_the_count_says_so(comptoir: Comptoir, counter: Counter) -> None:
    await created(comptoir)
    await counter.database.write(begin_reindex)
    found = await comptoir("customers", "search", "helene")
    assert found.code == 4
    assert found.err.startswith("Nobody found.")
    assert found.err.endswith("names are being indexed again: 0 % can be found\n")


async def test_nobody_found_ends_with_four(comptoir: Comptoir) -> None:
    found = await comptoir("customers", "search", "nobody", "--json")
    assert (found.code, found.json["hits"], found.err) == (4, [], "")


async def test_json_is_the_answer_of_the_api_untouched(comptoir: Comptoir) -> None:
    made = (await created(comptoir)).json
    assert made["identified"] is False
    found = (await comptoir("customers", "search", "helene", "--json")).json
    assert found["hits"][0]["customer"]["id"] == made["customer"]["id"]
    shown = (await comptoir("customers", "show", "helene@example.fr", "--json")).json
    assert shown == made["customer"]


@pytest.mark.feature("B5.2")
@pytest.mark.parametrize("who", ["C012000001", "helene@example.fr", "2900000000012", "06 12 34 56 78", "Lefèvre"])
async def test_a_customer_is_named_by_code_mail_card_telephone_or_name(comptoir: Comptoir, who: str) -> None:
    await created(comptoir)
    shown = await comptoir("customers", "show", who)
    assert shown.code == 0
    assert shown.out.splitlines()[0] == "Hélène Lefèvre  person · C012000001"
    assert "  Mobile    06 12 34 56 78" in shown.out
    assert "\n  Consents  newsletter yes (" in shown.out


async def test_who_fits_several_gets_a_list_and_five(comptoir: Comptoir) -> None:
    for name in ("Anne", "Annie"):
        await created(comptoir, "--first-name", name, "--last-name", "Martin", "--email", f"{name}@example.fr")
    shown = await comptoir("customers", "show", "martin")
    assert shown.code == 5
    assert [line.split()[1] for line in shown.out.splitlines()[1:]] == ["Anne", "Annie"]
    assert shown.err == "comptoir: several customers fit: name one of them by its code or id\n"
    refused = await comptoir("customers", "show", "martin", "--json")
    assert refused.json["error"]["exit"] == 5
    assert len(refused.json["error"]["owners"]) == 2


async def test_a_whole_name_is_meant_before_longer_ones(comptoir: Comptoir) -> None:
    for name in ("Martin", "Martineau"):
        await created(comptoir, "--first-name", "Anne", "--last-name", name, "--email", f"{name}@example.fr")
    assert (await comptoir("customers", "show", "martin")).out.startswith("Anne Martin  ")


async def test_an_unknown_customer_ends_with_four_in_either_language(comptoir: Comptoir) -> None:
    assert (await comptoir("customers", "show", "0123456789abcdef")).code == 4
    shown = await comptoir.in_french()("customers", "show", "personne")
    assert (shown.code, shown.out) == (4, "")
    assert shown.err == "comptoir: aucun client n’est trouvé sous ce nom, code, carte ou e-mail\n"


@pytest.mark.feature("B1.2", "B1.3")
async def test_the_till_asks_for_its_fields_and_an_import_does_not(comptoir: Comptoir) -> None:
    refused = await comptoir("customers", "create", "--last-name", "Benali")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "comptoir: first_name: this is required to create a person\n"
    french = await comptoir.in_french()("customers", "create", "--last-name", "Benali", "--first-name", "Karim")
    assert french.err == "comptoir: e-mail\u00a0: c’est obligatoire pour créer\u00a0: un particulier\n"
    assert (await comptoir("customers", "create", "--last-name", "Benali", "--surface", "import")).code == 0
    assert (await comptoir("customers", "create", "--company-name", "Garage Le Goff")).code == 0


@pytest.mark.feature("B2.1", "B2.2", "B2.3")
async def test_a_known_mail_identifies_and_a_known_telephone_asks(comptoir: Comptoir) -> None:
    await created(comptoir, *HELENE, "--key", "press-1")
    again = await comptoir("customers", "create", *HELENE, "--key", "press-1")
    assert (again.code, again.err) == (0, "Created.\n")
    known = await comptoir(
        "customers", "create", "--first-name", "H", "--last-name", "L", "--email", "Helene@Example.fr"
    )
    assert known.err == "This customer was here already: nothing was created.\n"
    twin = ("--first-name", "Paul", "--last-name", "Lefèvre", "--email", "paul@example.fr", "--mobile", "0612345678")
    asked = await comptoir("customers", "create", *twin)
    assert asked.code == 5
    assert "Hélène Lefèvre" in asked.out
    assert asked.err == "comptoir: mobile: another customer has this telephone number\n"
    assert (await comptoir("customers", "create", *twin, "--even-if-known")).code == 0
    assert len((await comptoir("customers", "search", "lefevre", "--json")).json["hits"]) == 2


@pytest.mark.feature("B3.2")
async def test_a_number_with_a_wrong_digit_is_refused_by_its_field(comptoir: Comptoir) -> None:
    refused = await comptoir("customers", "create", "--company-name", "Le Goff", "--siret", "73282932000075", "--json")
    assert refused.code == 1
    assert refused.json["error"] == {
        "sentence": "siret: a digit is wrong, the check digits do not agree",
        "field": "siret",
        "owners": None,
        "exit": 1,
    }


@pytest.mark.feature("B4.2", "B4.3")
async def test_a_code_may_be_typed_at_creation_and_is_fixed_afterwards(comptoir: Comptoir) -> None:
    await created(comptoir, *HELENE, "--code", "VIP-1")
    refused = await comptoir.in_french()("customers", "edit", "VIP-1", "--code", "VIP-2")
    assert refused.err == "comptoir: code\u00a0: le code d’un client ne change plus une fois donné\n"


@pytest.mark.feature("B8.1", "B9.1")
async def test_an_edit_says_what_changed_and_nothing_else(comptoir: Comptoir) -> None:
    await created(comptoir)
    edited = await comptoir(
        *("customers", "edit", "Lefèvre", "--birthday", "05-03", "--consent", "sms=no", "--add-tag", "vip, golf"),
        *("--add-note", "Préfère le matin", "--add-card", "2900000000029", "--line1", "3 rue de la Paix"),
    )
    assert (edited.code, edited.err) == (0, "Saved.\n")
    lines = edited.out.splitlines()
    assert lines[0] == "Hélène Lefèvre  person · C012000001"
    assert [line.split("  ")[1] for line in lines[1:] if not line.startswith("   ")] == [
        *("Address", "Birthday", "Consents", "Tags", "Cards", "Notes"),
    ]
    assert "  Address   3 rue de la Paix, 44000 Nantes" in lines
    assert "  Birthday  05-03" in lines
    assert "  Tags      fidèle, golf, vip" in lines
    again = await comptoir("customers", "edit", "Lefèvre", "--birthday", "05-03", "--add-tag", "VIP")
    assert again.err == "Nothing to change: it says so already.\n"


async def test_an_empty_text_empties_a_field_and_a_tag_comes_off(comptoir: Comptoir) -> None:
    await created(comptoir)
    edited = await comptoir("customers", "edit", "Lefèvre", "--mobile", "", "--remove-tag", "fidele", "--json")
    assert (edited.json["mobile"], edited.json["tags"]) == (None, [])
    whole = await comptoir("customers", "edit", "Lefèvre", "--tags", "a, b", "--json")
    assert whole.json["tags"] == ["a", "b"]


async def test_blocking_says_why_until_it_is_lifted(comptoir: Comptoir) -> None:
    await created(comptoir)
    assert (await comptoir("customers", "edit", "Lefèvre", "--block", "impayé")).code == 0
    assert "! Blocked: impayé" in (await comptoir("customers", "show", "Lefèvre")).out
    lifted = await comptoir("customers", "edit", "Lefèvre", "--unblock", "--archive", "--json")
    assert (lifted.json["blocked"], lifted.json["archived"]) == (False, True)


async def test_a_payment_card_is_neither_looked_up_nor_repeated(comptoir: Comptoir) -> None:
    for command in ("search", "show"):
        refused = await comptoir("customers", command, "4111111111111111")
        assert refused.code == 1
        assert "payment card" in refused.err
        assert "4111" not in refused.err + refused.out


async def test_without_a_right_the_refusal_is_the_daemons(counter: Counter, comptoir: Comptoir) -> None:
    from daemon.domain.role import Role

    token = await counter.token(Role.MONITOR)
    refused = await comptoir("customers", "search", "x", COMPTOIR_TOKEN=token)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "comptoir: the role monitor has not the right to read\n"


async def test_a_consent_must_be_a_channel_and_an_answer(comptoir: Comptoir) -> None:
    refused = await comptoir.in_french()("customers", "create", "--last-name", "X", "--consent", "fax=oui")
    assert refused.code == 1
    assert refused.err.startswith("comptoir: accord\u00a0: écrivez CANAL=oui ou CANAL=non, les canaux sont newsletter")


async def test_a_mistyped_limit_is_a_mistake_of_use(comptoir: Comptoir) -> None:
    refused = await comptoir("customers", "search", "x", "--limit", "900")
    assert refused.code == 2
    assert refused.err.splitlines()[-1] == "see: comptoir customers search --help"


@pytest.mark.parametrize(("french", "said"), [(False, "system: "), (True, "système\u00a0: ")])
async def test_what_a_user_of_this_machine_wrote_says_whose_hand_it_was(
    comptoir: Comptoir, french: bool, said: str
) -> None:
    await created(comptoir, *HELENE, "--note", "rang")
    shown = await (comptoir.in_french() if french else comptoir)("customers", "show", "helene@example.fr")
    assert f"{said}{pwd.getpwuid(os.geteuid()).pw_name}" in shown.out
    assert "uid:" not in shown.out
