"""What identifies a customer, and under which form two spellings meet."""

from typing import Any

import pytest

from daemon.domain.claims import EDGE_OTHER, TRIED_AT, claims_moved, claims_of, is_claimed, normal_form, tried_at_in
from daemon.domain.element import Element
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind

ANNE, BRUNO, DOT = b"anne....", b"bruno...", b"dotdotdo"


def customer(fields: dict[int, Any]) -> Element:
    return Element(Kind.CUSTOMER, ANNE, b"", (1, 2, 7), fields)


def edge(fields: dict[int, Any]) -> Element:
    return Element(Kind.EDGE, ANNE, DOT, (1, 2, 7), fields)


@pytest.mark.parametrize(
    ("claim", "typed", "form"),
    [
        (Claim.EMAIL, " Anne@Example.ORG ", "anne@example.org"),
        (Claim.CARD, "2 901 234 567 890", "2901234567890"),
        (Claim.CODE, "c 12 ab", "C12AB"),
        (Claim.PHONE, " +33612345678 ", "+33612345678"),
    ],
)
def test_spellings_of_one_value_meet(claim: Claim, typed: str, form: str) -> None:
    assert normal_form(claim, typed) == form


def test_a_customer_claims_code_email_phones_and_member_number() -> None:
    fields = {2: ("A", "B"), 7: "c1", 8: "A@b.fr", 9: "+336", 10: "", 14: "m 1", 900: "x"}
    assert claims_of(customer(fields)) == {
        (Claim.CODE, "C1", 7),
        (Claim.EMAIL, "a@b.fr", 8),
        (Claim.PHONE, "+336", 9),
        (Claim.MEMBER_NUMBER, "M1", 14),
    }


def test_an_edge_is_found_by_its_other_end() -> None:
    assert claims_of(edge({1: BRUNO})) == {(EDGE_OTHER, BRUNO.hex(), 1)}
    assert claims_of(edge({1: "nonsense"})) == claims_of(edge({})) == frozenset()


def test_nothing_and_kinds_without_claims_claim_nothing() -> None:
    assert claims_of(None) == claims_of(Element(90, ANNE, b"", (1, 2, 7), {8: "a@b"})) == frozenset()
    assert claims_of(customer({8: 5, 7: None})) == frozenset()


def test_only_what_differs_goes_and_comes() -> None:
    before, after = customer({7: "C1", 8: "a@b.fr"}), customer({7: "C1", 8: "c@d.fr"})
    assert claims_moved(before, after) == ([(Claim.EMAIL, "a@b.fr", 8)], [(Claim.EMAIL, "c@d.fr", 8)])
    assert claims_moved(before, customer({7: "C1", 8: "a@b.fr", 2: ("A", "B")})) == ([], [])
    assert claims_moved(None, before)[0] == claims_moved(before, None)[1] == []


def test_an_edge_that_is_removed_is_found_no_more() -> None:
    assert claims_moved(edge({1: BRUNO}), edge({})) == ([(EDGE_OTHER, BRUNO.hex(), 1)], [])


def test_a_change_of_what_identifies_nobody_is_not_looked_up() -> None:
    assert is_claimed(Kind.CUSTOMER, [2, 8])
    assert is_claimed(Kind.EDGE, [1])
    assert not is_claimed(Kind.CUSTOMER, [2, 3])
    assert not is_claimed(90, [8])


def tries(fields: dict[int, Any]) -> Element:
    return Element(Kind.PIN_TRIES, ANNE, DOT, (1, 2, 7), fields)


def test_what_a_till_has_told_of_tries_is_found_by_its_latest_moment() -> None:
    assert claims_of(tries({2: 5, 7: 255})) == claims_of(tries({2: 255})) == {(TRIED_AT, "00000000000000ff", 2)}
    assert claims_of(tries({1: 3})) == claims_of(tries({2: "x", 7: -1})) == frozenset()
    assert claims_moved(tries({2: 5}), tries({2: 5, 7: 255})) == (
        [(TRIED_AT, "0000000000000005", 2)],
        [(TRIED_AT, "00000000000000ff", 2)],
    )
    assert (is_claimed(Kind.PIN_TRIES, [7]), is_claimed(Kind.PIN_TRIES, [1])) == (True, False)
    assert tried_at_in(tries({2: 255}).body()) == "00000000000000ff"
    assert tried_at_in(tries({1: 3}).body()) is tried_at_in(b"damaged") is None
