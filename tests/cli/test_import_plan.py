"""What a line changes: pure."""

from typing import Any

from daemon.cli.import_plan import PLAIN, completion, creation, question, words
from daemon.domain.customer_draft import CustomerDraft

UNKNOWN = {"state": "unknown"}


def here(**said: Any) -> dict[str, Any]:
    nobody = dict.fromkeys(
        [*PLAIN, "code", "address"],
    )
    consents = dict.fromkeys(("newsletter", "contests", "email", "sms", "phone", "post"), UNKNOWN)
    return {**nobody, "tags": [], "cards": [], "notes": [], "consents": consents, **said}


def test_only_what_differs_is_changed() -> None:
    draft = CustomerDraft(kind="person", first_name="Anne", last_name="Martin", email="a@x.fr", tags=["Vip", "golf"])
    found = completion(draft, here(first_name="Anne", last_name="Martin", email="b@x.fr", tags=["vip"]))
    assert dict(found.fields) == {"email": "a@x.fr", "tags": ["vip", "golf"]}
    assert found.names == ["email", "tags"]


def test_an_address_is_replaced_as_a_whole_or_not_at_all() -> None:
    town = CustomerDraft(address={"postal_code": "44000", "city": "Nantes", "country": "FR"})
    street = {"line1": "3 rue de la Paix", "line2": "", "postal_code": "44100", "city": "Nantes", "country": "FR"}
    kept = completion(town, here(address=street))
    assert not kept.fields
    assert [name for name, _ in kept.kept] == ["address"]
    assert completion(town, here()).names == ["address"]
    whole = CustomerDraft(address={"line1": "1 quai", "postal_code": "44000", "city": "Nantes", "country": "FR"})
    assert completion(whole, here(address=street)).fields["address"]["line1"] == "1 quai"


def test_a_file_refuses_but_never_lifts_a_refusal() -> None:
    draft = CustomerDraft(consents={"sms": "granted", "email": "refused", "newsletter": "granted"})
    standing = here()["consents"] | {"sms": {"state": "refused"}, "email": {"state": "granted"}}
    found = completion(draft, here(consents=standing))
    assert {name: said["state"] for name, said in found.fields["consents"].items()} == {
        "email": "refused",
        "newsletter": "granted",
    }
    assert [name for name, _ in found.kept] == ["consents.sms"]


def test_a_code_stays_and_a_known_note_is_not_written_again() -> None:
    draft = CustomerDraft(code="X2", note="Aime  le thé", cards=["29 1", "292"])
    found = completion(draft, here(code="X1", notes=[{"text": "Aime le thé"}], cards=[{"number": "291"}]))
    assert (found.note, list(found.cards), dict(found.fields)) == (None, ["292"], {})
    assert [name for name, _ in found.kept] == ["code"]
    assert completion(CustomerDraft(note="Autre"), here()).names == ["notes"]


def test_who_is_meant_is_asked_by_what_is_ones_own() -> None:
    draft = CustomerDraft(code="C1", email="a@x.fr", mobile="+33612345678", cards=["291", "292"], last_name="Martin")
    assert question(draft) == {"code": "C1", "email": "a@x.fr", "card": "291"}
    assert question(CustomerDraft(last_name="Martin", mobile="+33612345678")) == {}
    assert words(CustomerDraft(last_name="Martin", mobile="+33612345678")) == "Martin +33612345678"


def test_a_creation_says_that_it_is_an_import() -> None:
    body = creation(CustomerDraft(kind="person", last_name="Martin", note="Thé", consents={"sms": "refused"}))
    assert body == {
        "kind": "person",
        "last_name": "Martin",
        "notes": [{"text": "Thé"}],
        "consents": {"sms": {"state": "refused", "source": "import"}},
        "surface": "import",
    }
