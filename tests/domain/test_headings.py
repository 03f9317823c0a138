import pytest

from daemon.domain.headings import FULL_NAME, SIREN, field_of, why_left_out

NAMED_IN_FORMATS = {
    "last_name": "nom|lastname|nom de famille|surname|family name",
    "first_name": "prenom|firstname|given name",
    "civility": "civilite|titre|title",
    "address.postal_code": "cp|code postal|zip|zipcode|postcode|npa",
    "address.city": "ville|commune|city|localite",
    "phone": "tel|telephone|phone",
    "mobile": "mobile|portable|gsm",
    "email": "e-mail|mail|courriel",
    "birthday": "anniversaire|date de naissance|birthday|dob",
    "cards": "carte|badge|n° carte",
    "code": "reference|customer_code",
    "siret": "siret",
    SIREN: "siren",
    "vat_number": "tva|vat number",
}


@pytest.mark.parametrize(("field", "words"), NAMED_IN_FORMATS.items())
def test_each_synonym_is_known_in_any_case_with_accents_stars_and_remarks(field: str, words: str) -> None:
    for word in words.split("|"):
        for heading in (word, word.upper(), f" {word} *", f"{word} (0/1)", word.replace(" ", "_"), f"{word} :"):
            assert field_of(heading) == field, heading


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Prénom", "first_name"),
        ("Adresse e-mail", "email"),
        ("Né(e) le", "birthday"),
        ("Birthday (yyyy-mm-dd)", "birthday"),
        ("Complément d’adresse", "address.line2"),
        ("N° de TVA intracommunautaire", "vat_number"),
        ("Name", FULL_NAME),
        ("Accepts SMS Marketing", "consents.sms"),
        ("Chiffre d'affaires", None),
        ("", None),
        ("(0/1)", None),
    ],
)
def test_a_heading_names_its_field(heading: str, field: str | None) -> None:
    assert field_of(heading) == field


def test_a_column_that_is_left_out_has_its_reason() -> None:
    assert why_left_out("Mot de passe") == "passwords are never imported"
    assert why_left_out("Password *") == "passwords are never imported"
    assert field_of("N.P.A.I.") == field_of("Retour NPAI") == "npai"
    assert why_left_out("Pointure") == "no field of a customer has this heading"
