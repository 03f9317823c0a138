import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.customer_draft import CustomerDraft, Customs, Fault, draft_of

FRANCE = Customs()


def draft(**cells: str) -> CustomerDraft:
    found, faults = draft_of({name.replace("__", "."): text for name, text in cells.items()}, FRANCE)
    assert faults == ()
    assert found is not None
    return found


def faults(**cells: str) -> tuple[Fault, ...]:
    return draft_of({name.replace("__", "."): text for name, text in cells.items()}, FRANCE)[1]


def test_a_whole_person_is_read() -> None:
    assert draft(
        civility="madame",
        first_name=" Zoé ",
        last_name="Le  Goff",
        email="Zoe@Example.com",
        mobile="06.39.98.12.34",
        phone="01 99 00 12 34",
        address__line1="8 rue Kervégan",
        address__postal_code="44000",
        address__city="Nantes",
        birthday="17/05/1980",
        language="Français",
        tags="VIP, vip , Jardin",
        cards="2900000000001; 2900000000018",
        consents__newsletter="oui",
        consents__sms="0",
        consents__post="",
    ) == {
        "civility": "Mme",
        "first_name": "Zoé",
        "last_name": "Le Goff",
        "email": "Zoe@Example.com",
        "mobile": "+33639981234",
        "phone": "+33199001234",
        "address": {"line1": "8 rue Kervégan", "postal_code": "44000", "city": "Nantes", "country": "FR"},
        "birthday": "1980-05-17",
        "language": "fr",
        "tags": ["VIP", "Jardin"],
        "cards": ["2900000000001", "2900000000018"],
        "consents": {"newsletter": "granted", "sms": "refused"},
        "kind": "person",
    }


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"company_name": "Au Bon Pain"}, {"kind": "company", "company_name": "Au Bon Pain"}),
        ({"kind": "Société", "last_name": "Au Bon Pain"}, {"kind": "company", "company_name": "Au Bon Pain"}),
        ({"kind": "personne morale", "full_name": "Bon Pain"}, {"kind": "company", "company_name": "Bon Pain"}),
        ({"kind": "personne physique", "last_name": "Pain"}, {"kind": "person", "last_name": "Pain"}),
        ({"kind": "company", "email": "a@example.com"}, {"kind": "company", "email": "a@example.com"}),
        (
            {"company_name": "Au Bon Pain", "last_name": "Pain"},
            {"kind": "person", "company_name": "Au Bon Pain", "last_name": "Pain"},
        ),
        ({"full_name": "Anne LE GOFF"}, {"kind": "person", "first_name": "Anne", "last_name": "LE GOFF"}),
        ({"full_name": "Anne Martin"}, {"kind": "person", "first_name": "Anne", "last_name": "Martin"}),
        ({"full_name": "Anne de la Tour"}, {"kind": "person", "last_name": "Anne de la Tour"}),
        ({"full_name": "ANNE MARTIN"}, {"kind": "person", "first_name": "ANNE", "last_name": "MARTIN"}),
        ({"full_name": "Anne Martin", "last_name": "Martin"}, {"kind": "person", "last_name": "Martin"}),
        ({"siren": "732 829 320 00074", "code": "C1"}, {"kind": "person", "siret": "73282932000074", "code": "C1"}),
        ({"phone": "0639981234"}, {"kind": "person", "mobile": "+33639981234"}),
        ({"last_name": "A", "birthday": "0000-00-00"}, {"kind": "person", "last_name": "A"}),
        ({"last_name": "A", "consents.sms": "inconnu"}, {"kind": "person", "last_name": "A"}),
        ({"last_name": "A", "language": "en_GB"}, {"kind": "person", "last_name": "A", "language": "en"}),
        (
            {"last_name": "A", "address.postal_code": "1000"},
            {"kind": "person", "last_name": "A", "address": {"postal_code": "01000", "country": "FR"}},
        ),
        (
            {"phone": "0692 12 34 56", "address.postal_code": "97400"},
            {"kind": "person", "mobile": "+262692123456", "address": {"postal_code": "97400", "country": "FR"}},
        ),
        (
            {"phone": "02 123 45 67", "address.country": "Belgique", "address.postal_code": "1000"},
            {"kind": "person", "phone": "+3221234567", "address": {"postal_code": "1000", "country": "BE"}},
        ),
        ({"last_name": "A", "address.country": "France"}, {"kind": "person", "last_name": "A"}),
        ({"last_name": "A", "note": "un\r\ndeux\x07"}, {"kind": "person", "last_name": "A", "note": "un\ndeux"}),
    ],
)
def test_what_cells_mean(cells: dict[str, str], expected: dict[str, object]) -> None:
    assert draft_of(cells, FRANCE) == (expected, ())


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("email", "sophie", "the e-mail address has no @"),
        ("mobile", "12", "no number of FR and of no country prefix is so written"),
        ("phone", "voir note", "this is not a telephone number"),
        ("birthday", "17/05/80", "write the year of the birthday with four digits"),
        ("siret", "123", "a SIRET has 14 digits"),
        ("siren", "732829320", "a SIREN alone is not kept: the SIRET is wanted"),
        ("siren", "732829321", "a digit is wrong, the check digits do not agree"),
        ("vat_number", "FR41303265045", "a digit is wrong, the check digits do not agree"),
        ("address.postal_code", "440", "a French postal code has 5 digits"),
        ("address.country", "Atlantide", "write the country with its two letters"),
        ("language", "elfique", "write the language with two letters"),
        ("consents.sms", "peut-être", "write yes or no for a consent, or nothing when it is not known"),
        ("cards", "4242 4242 4242 4242", "a payment card is never read"),
        ("first_name", "x" * 101, "the text has more than 100 characters"),
        ("note", "x" * 4001, "the text has more than 4000 characters"),
        ("code", "\x07", "the text has no visible character"),
    ],
)
def test_a_wrong_cell_is_left_out_and_told_and_the_customer_stays(field: str, text: str, sentence: str) -> None:
    found, told = draft_of({"last_name": "Martin", field: text}, FRANCE)
    assert found == {"last_name": "Martin", "kind": "person"}
    assert told == (Fault(field=field, sentence=sentence),)


def test_a_line_that_names_nobody_is_refused() -> None:
    assert draft_of({"address.city": "Nantes"}, FRANCE) == (None, (Fault(field="", sentence="the line names nobody"),))
    assert faults(email="x") == (
        Fault(field="email", sentence="the e-mail address has no @"),
        Fault(field="", sentence="the line names nobody"),
    )


def test_the_chain_says_the_country_of_addresses_without_one() -> None:
    found, _ = draft_of({"last_name": "A", "address.postal_code": "1000"}, Customs(country="BE"))
    assert found == {"last_name": "A", "address": {"postal_code": "1000", "country": "BE"}, "kind": "person"}


_FIELDS = [
    "kind",
    "civility",
    "first_name",
    "last_name",
    "full_name",
    "company_name",
    "siret",
    "siren",
    "vat_number",
    "code",
    "email",
    "mobile",
    "phone",
    "address.line1",
    "address.postal_code",
    "address.city",
    "address.country",
    "birthday",
    "language",
    "member_number",
    "tags",
    "note",
    "cards",
    "consents.sms",
]


@given(st.dictionaries(st.sampled_from(_FIELDS), st.text(max_size=20)))
def test_any_cells_give_a_draft_or_a_reason(cells: dict[str, str]) -> None:
    found, told = draft_of(cells, FRANCE)
    assert found is not None or told
    assert found is None or found["kind"] in {"person", "company"}
