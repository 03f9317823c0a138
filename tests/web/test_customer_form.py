"""The form of a customer, without HTTP: what was changed, what is laid over what, which sentence stands where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.desk.customer import Customer
from daemon.desk.customer_parts import Address, Consent, Consents
from daemon.errors import OperatorMistake, Taken
from daemon.web.customer_form import (
    NAMES,
    WAS,
    Typed,
    blank,
    creation_of,
    edit_of,
    faults_of,
    read_form,
    rebased,
    shown_form,
    typed_day,
)

LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Zs", "Cc", "Zl", "Zp"]), max_size=12)


def customer(**fields: object) -> Customer:
    known = {"id": "a" * 16, "version": "b" * 16, "person": "a" * 16, "kind": "person", "display_name": "x", **fields}
    return Customer(**known)  # type: ignore[arg-type]  # the names of the test


SOPHIE = customer(
    first_name="Sophie",
    last_name="Lefèvre",
    mobile="+33639981234",
    mobile_shown="06 39 98 12 34",
    birthday="1980-05-17",
    address=Address(line1="8 rue Kervégan", postal_code="44000", city="Nantes"),
    tags=("VIP", "Jardin"),
    consents=Consents(sms=Consent(state="refused")),
)


def sent(typed: Typed, **changed: str) -> Typed:
    """The form as a browser sends it back, with some fields typed over."""
    form = {**typed.values, **{WAS + name: value for name, value in typed.was.items()}, **changed}
    return read_form(form)


def test_a_form_that_was_not_touched_says_nothing() -> None:
    assert edit_of(sent(shown_form(SOPHIE)), source="till")[1] == frozenset()


def test_only_what_was_changed_is_said() -> None:
    edit, present = edit_of(sent(shown_form(SOPHIE), city="Rezé", first_name="", tags="VIP"), source="till")
    assert present == {"address", "first_name", "tags"}
    assert edit.address == Address(line1="8 rue Kervégan", postal_code="44000", city="Rezé")
    assert (edit.first_name, edit.tags, edit.mobile) == (None, ("VIP",), None)


def test_an_emptied_address_is_no_address() -> None:
    edit, present = edit_of(sent(shown_form(SOPHIE), line1="", postal_code="", city=""), source="till")
    assert present == {"address"}
    assert edit.address is None


def test_a_consent_carries_where_it_was_said() -> None:
    edit, present = edit_of(sent(shown_form(SOPHIE), consent_sms="granted"), source="office")
    assert present == {"consents"}
    assert edit.consents is not None
    assert edit.consents.sms is not None
    assert (edit.consents.sms.state, edit.consents.sms.source, edit.consents.email) == ("granted", "office", None)


def test_a_person_becomes_a_company_by_the_switch() -> None:
    edit, present = edit_of(sent(shown_form(SOPHIE), kind="company"), source="till")
    assert present == {"kind"}
    assert edit.kind == "company"


def test_a_new_customer_is_what_the_form_says() -> None:
    typed = sent(blank(last_name="Morel"), card="29 1", tags=" a, ,b ", consent_post="refused", email=" p@x.fr ")
    given = creation_of(typed, source="till", even_if_known=False)
    assert (given.last_name, given.cards, given.tags, given.email) == ("Morel", ("29 1",), ("a", "b"), "p@x.fr")
    assert (given.kind, given.address, given.code, given.even_if_known) == ("person", None, None, False)
    assert given.consents is not None
    assert given.consents.post is not None
    assert given.consents.post.state == "refused"
    assert creation_of(sent(blank()), source="till", even_if_known=True).consents is None


def test_what_a_person_changed_stands_over_what_others_changed() -> None:
    fresh = shown_form(customer(first_name="Sophia", last_name="Lefèvre", email="new@x.fr"))
    found = rebased(sent(shown_form(SOPHIE), first_name="Sofia", city="Rezé", birthday=""), fresh)
    assert found.typed.values["first_name"] == "Sofia"
    assert found.typed.values["email"] == "new@x.fr"
    assert found.typed.was == fresh.values
    assert found.clashes == {"first_name": "Sophia", "city": ""}


def test_the_same_change_made_twice_is_no_clash() -> None:
    fresh = shown_form(customer(first_name="Sofia", last_name="Lefèvre"))
    assert "first_name" not in rebased(sent(shown_form(SOPHIE), first_name="Sofia"), fresh).clashes


@given(st.dictionaries(st.sampled_from(NAMES), LINES), st.dictionaries(st.sampled_from(NAMES), LINES))
def test_no_keystroke_is_lost_over_a_newer_version(changed: dict[str, str], elsewhere: dict[str, str]) -> None:
    before = shown_form(SOPHIE)
    typed = sent(before, **changed)
    fresh = Typed(values={**before.values, **elsewhere})
    after = rebased(typed, fresh).typed
    for name in typed.changed & set(fresh.values):
        assert after.values[name] == typed.values[name]


@pytest.mark.parametrize(("stored", "typed"), [("1980-05-17", "17/05/1980"), ("--05-17", "17/05"), ("", "")])
def test_a_birthday_is_shown_as_it_is_typed(stored: str, typed: str) -> None:
    assert typed_day(stored) == typed


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("email", "email"),
        ("address.city", "city"),
        ("address", "line1"),
        ("consents.sms.date", "consent_sms"),
        ("cards", "card"),
        ("number", "card"),
        ("tag", "tags"),
        ("Idempotency-Key", ""),
        ("", ""),
    ],
)
def test_a_refusal_stands_beside_the_field_that_it_names(field: str, name: str) -> None:
    (fault,) = faults_of(OperatorMistake("no", field=field), blank())
    assert fault.field == name


def test_all_that_is_wrong_stands_each_beside_its_field() -> None:
    refused = OperatorMistake("no", field="email")
    refused.beside = (
        OperatorMistake("no", field="address.postal_code"),
        OperatorMistake("last_name: this is the number of a payment card", field="last_name"),
        OperatorMistake("no", field="address.postal_code"),
    )
    found = faults_of(refused, blank(email="x", postal_code="1", last_name="4970"))
    assert [(one.field, one.sentence) for one in found] == [
        ("email", "This is not an e-mail address."),
        ("postal_code", "No postal code of this country is so written."),
        ("last_name", "This is a payment card: it is neither looked up nor kept."),
    ]


def test_an_empty_field_is_asked_for_and_a_taken_one_names_its_owners() -> None:
    (needed,) = faults_of(OperatorMistake("no", field="email"), blank())
    assert needed.sentence == "This is needed."
    (taken,) = faults_of(Taken("no", field="mobile", owners=("a" * 16,)), blank(mobile="06"))
    assert (taken.sentence, taken.owners) == ("Another customer has this phone number.", ("a" * 16,))


def test_what_browsers_send_is_one_line_of_bounded_length() -> None:
    typed = read_form({"last_name": "  Le\n Bihan\t", "first_name": "a" * 1000, "unknown": "x"})
    assert (typed.values["last_name"], len(typed.values["first_name"])) == ("Le Bihan", 400)
    assert "unknown" not in typed.values
