import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.demo.people import FICTION_NUMBERS, People, card_number
from daemon.demo.towns import TOWNS
from daemon.domain import company_number, mail_address, phone, postal_code
from daemon.domain.birthday import parse as parse_birthday
from daemon.domain.card_symbol import ean13_is_valid
from daemon.domain.customer_draft import CustomerDraft
from daemon.domain.customer_sheet import read_customers, write_customers
from daemon.domain.folding import fold

FICTION = re.compile(r"\+33(63998|19900|26191|35301|46571|53649)\d{4}")


@pytest.fixture(scope="module")
def crowd() -> list[CustomerDraft]:
    return list(People(seed=1).customers(4_000))


def test_the_same_seed_gives_the_same_customers_and_another_seed_others() -> None:
    assert list(People(seed=7).customers(200)) == list(People(seed=7).customers(200))
    assert list(People(seed=7).customers(200)) != list(People(seed=8).customers(200))


@given(st.integers(-(2**70), 2**70), st.integers(0, 10**6))
def test_each_customer_comes_from_its_number_alone(seed: int, index: int) -> None:
    people = PEOPLE[seed % 3]
    assert [people.customer(index)] == list(people.customers(1, start=index))
    assert people.customer_id(index) == people.customer_id(index)
    assert People(seed).customer_id(index) == People(seed % 2**64).customer_id(index)


PEOPLE = [People(seed) for seed in range(3)]


def test_every_value_is_one_that_the_rules_accept(crowd: list[CustomerDraft]) -> None:
    for draft in crowd:
        if "email" in draft:
            assert mail_address.parse(draft["email"]).key == draft["email"]
        address = draft.get("address", {})
        if address:
            assert postal_code.parse(address["postal_code"]) == address["postal_code"]
        region = phone.region_of(address.get("postal_code", ""))
        for number in (draft.get("mobile"), draft.get("phone")):
            assert number is None or phone.parse(number, region=region) == number
        if "birthday" in draft:
            assert parse_birthday(draft["birthday"]).text == draft["birthday"]
        if "siret" in draft:
            assert company_number.parse_siret(draft["siret"]) == draft["siret"]
            assert company_number.parse_vat(draft["vat_number"]) == draft["vat_number"]
            assert company_number.same_company(draft["siret"], draft["vat_number"])
        assert all(ean13_is_valid(card) and card.startswith("29") for card in draft.get("cards", []))


def test_nobody_real_is_ever_called_or_written_to(crowd: list[CustomerDraft]) -> None:
    for draft in [*crowd, *People(shared_phones=True).customers(500, start=500_000)]:
        assert all(FICTION.fullmatch(number) for number in (draft.get("mobile"), draft.get("phone")) if number)
        assert re.search(r"@(mail\.)?example\.(com|net|org)$", draft.get("email", "@example.com"))


def test_codes_cards_mails_and_phones_belong_to_one_customer_or_a_twin(crowd: list[CustomerDraft]) -> None:
    for of in (
        [draft["code"] for draft in crowd],
        [card for draft in crowd for card in draft.get("cards", [])],
        [draft["email"] for draft in crowd if "email" in draft],
        [draft["member_number"] for draft in crowd if "member_number" in draft],
    ):
        assert len(set(of)) == len(of) > 100
    mobiles = Counter(draft["mobile"] for draft in crowd if "mobile" in draft)
    assert len(mobiles) > 3_000
    assert max(mobiles.values()) == 2


def test_phones_run_out_unless_they_may_be_shared() -> None:
    assert not any("mobile" in draft for draft in People().customers(200, start=FICTION_NUMBERS))
    assert any("mobile" in draft for draft in People(shared_phones=True).customers(200, start=FICTION_NUMBERS))


@given(st.integers(0, 10**10 - 2))
def test_card_numbers_have_their_check_digit_and_differ(index: int) -> None:
    assert ean13_is_valid(card_number(index))
    assert card_number(index) != card_number(index + 1)


def test_names_are_as_mixed_as_in_a_french_shop(crowd: list[CustomerDraft]) -> None:
    names = Counter(draft["last_name"] for draft in crowd if "last_name" in draft)
    folded = {fold(name) for name in names}
    assert {"lefevre", "lefebvre", "le gall", "d artagnan", "nguyen", "martin"} <= folded
    assert 400 < len(names) < 1_500
    assert names.most_common(1)[0][1] < len(crowd) / 40
    assert any("'" in name for name in names)
    assert any("-" in name for name in names)
    assert 0.02 < sum(draft["kind"] == "company" for draft in crowd) / len(crowd) < 0.09
    assert any(draft.get("birthday", "").startswith("--") for draft in crowd)
    assert any(draft.get("birthday", "").endswith("-02-29") for draft in crowd)
    assert {"granted", "refused"} == {said for draft in crowd for said in draft.get("consents", {}).values()}


def test_twins_look_almost_alike() -> None:
    people = People(seed=1)
    twins = [people.customer(97 * n + 96) for n in range(40)]
    others = list(people.customers(97 * 41))
    for twin in twins:
        assert any(
            twin.get("address") == other.get("address")
            and twin.get("first_name") == other.get("first_name")
            and twin["code"] != other["code"]
            for other in others
        )


def test_towns_have_the_codes_of_the_post() -> None:
    codes = [code for _, codes, _ in TOWNS for code in codes.split()]
    assert all(postal_code.parse(code) == code for code in codes)
    assert len(set(codes)) >= 70


def test_the_crowd_survives_a_spreadsheet(crowd: list[CustomerDraft]) -> None:
    lines = list(read_customers(write_customers(crowd[:500])).lines)
    assert [line.draft for line in lines] == crowd[:500]
    assert not any(line.remarks for line in lines)
