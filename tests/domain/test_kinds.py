"""The table of kinds and fields: numbers are wire and stored data."""

import pytest

from daemon.domain.kind_shape import FieldRule, Reach, Rule
from daemon.domain.kinds import CHANNELS, CUSTOMER, MUST_KNOW, SHAPES, Kind, field_shape, shape_of


def test_every_shape_stands_under_its_own_kind() -> None:
    assert all(number == shape.kind for number, shape in SHAPES.items())
    assert all(number == field.number for shape in SHAPES.values() for number, field in shape.fields.items())
    assert max(SHAPES) == MUST_KNOW


FROZEN: dict[str, tuple[int, dict[int, str]]] = {
    "CUSTOMER": (
        1,
        {
            1: "kind",
            2: "name",
            3: "civility",
            4: "company_name",
            5: "siret",
            6: "vat_number",
            7: "code",
            8: "email",
            9: "mobile",
            10: "phone",
            11: "address",
            12: "birthday",
            13: "language",
            14: "member_number",
            15: "account",
            16: "archived",
            17: "blocked",
            18: "bad_address",
            19: "price_list",
            20: "principal_group",
            21: "customer_type",
            22: "preferred_channel",
            23: "walk_in_of",
            24: "deleted",
            30: "consent_newsletter",
            31: "consent_contests",
            32: "consent_email",
            33: "consent_sms",
            34: "consent_phone",
            35: "consent_post",
        },
    ),
    "CARD": (2, {1: "number", 2: "medium", 3: "blocked", 4: "since", 5: "state"}),
    "NOTE": (3, {1: "text", 2: "show_at_till", 3: "done", 4: "written_ms", 5: "author"}),
    "TAG": (4, {1: "tag"}),
    "ADDRESS": (5, {1: "address", 2: "label"}),
    "MEMBERSHIP": (6, {1: "group"}),
    "EDGE": (7, {1: "other"}),
    "ERASE": (8, {}),
    "AWARD": (9, {1: "claim", 2: "value"}),
    "WISH": (10, {1: "product"}),
    "ENTRY": (16, {1: "book", 2: "amount", 3: "cause", 4: "sale", 5: "holder"}),
    "RIGHT": (17, {1: "book", 2: "amount", 3: "cause", 5: "holder"}),
    "OPERATOR": (64, {1: "display_name", 2: "role", 3: "pin", 4: "badge", 5: "revoked", 6: "kind"}),
    "SHOP": (65, {1: "number", 2: "label"}),
    "SITE": (66, {1: "site", 2: "shop", 3: "label"}),
    "POLICY": (67, {1: "value"}),
    "GROUP": (68, {1: "label", 2: "redirect"}),
}
"""Kind → number, and its fields by number: as released. New ones may be added, none of these may change."""


def test_numbers_of_kinds_and_fields_have_not_moved() -> None:
    for name, (number, fields) in FROZEN.items():
        assert Kind[name] == number
        shape = SHAPES[number]
        assert {at: shape.fields[at].name for at in fields} == fields


def test_consents_and_blocks_are_guarded() -> None:
    guarded = {field.name for field in CUSTOMER.fields.values() if field.rule is FieldRule.GUARDED}
    assert guarded == {"archived", "blocked", *(f"consent_{channel}" for channel in CHANNELS)}


def test_a_field_is_found_by_name_and_by_number() -> None:
    assert CUSTOMER.number("email") == 8
    shape = field_shape(Kind.CUSTOMER, 8)
    assert shape is not None
    assert shape.name == "email"
    with pytest.raises(KeyError):
        CUSTOMER.number("shoe_size")


def test_what_a_newer_version_knows_has_no_shape_here() -> None:
    assert shape_of(90) is None
    assert field_shape(90, 1) is None
    assert field_shape(Kind.CUSTOMER, 900) is None


def test_rights_go_to_the_site_that_holds_them_and_an_erasure_to_everybody() -> None:
    assert SHAPES[Kind.RIGHT].reach is Reach.SITE
    assert SHAPES[Kind.ERASE].reach is Reach.CHAIN
    assert SHAPES[Kind.ERASE].rule is Rule.ERASE
