"""What finding answers, from elements."""

from typing import Any

from daemon.desk.customer import COMPANY
from daemon.desk.customer_parts import number
from daemon.desk.search_answer import Candidate, brief_of, copy_age, hits_of, identification_of, orders_of
from daemon.domain.element import Element
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.ranking import Nearness, parse_query

BASE = (10 << 16, 12, 1)


def person(id_: bytes, last: str = "Morel", *members: Element, **fields: Any) -> list[Element]:
    values = {number("name"): ("", last)} | {number(name): value for name, value in fields.items()}
    return [Element(Kind.CUSTOMER, id_, b"", BASE, values), *members]


def card(text: str, **fields: Any) -> Element:
    names = {"blocked": 3, "state": 5}
    return Element(
        Kind.CARD, b"a" * 8, text.encode().rjust(8), BASE, {1: text, **{names[n]: v for n, v in fields.items()}}
    )


def test_cards_without_a_customer_are_nobody() -> None:
    assert brief_of([card("29")]) is None
    assert identification_of([Candidate([card("29")], Claim.CARD)], "29").outcome == "unknown"
    assert hits_of(parse_query("29"), [Candidate([card("29")])]) == ()


def test_a_company_is_sorted_by_its_name_and_archived_ones_come_last() -> None:
    rows = [
        person(b"a" * 8, "Zola")[0],
        person(b"b" * 8, "", company_name="Maison", kind=COMPANY)[0],
        person(b"c" * 8, "Abel", archived=(True, None))[0],
        person(b"d" * 8, "Éluard")[0],
    ]
    ordered = sorted(orders_of(parse_query("Nantes"), rows, [Nearness.WORD] * len(rows)))
    assert [order[4] for order in ordered] == ["eluard", "maison", "zola", "abel"]


def test_a_nearer_hit_comes_before_a_better_name() -> None:
    near, far = person(b"a" * 8, "Zola")[0], person(b"b" * 8, "Abel")[0]
    first, second = orders_of(parse_query("Abel"), [near, far], [Nearness.EXACT, Nearness.WORD])
    assert first < second


def test_who_is_called_so_comes_before_who_lives_in_such_a_town() -> None:
    town = person(b"a" * 8, "Abel", address=("1 rue Haute", "", "72000", "Le Mans", "FR"))[0]
    called = person(b"b" * 8, "Le Goff")[0]
    begins = person(b"c" * 8, "Leclerc")[0]
    near = [Nearness.WORD, Nearness.BEGINNING, Nearness.WORD]
    assert sorted(orders_of(parse_query("le"), [called, begins, town], near)) == orders_of(
        parse_query("le"), [called, begins, town], near
    )


def test_each_word_of_a_name_counts() -> None:
    half = person(b"a" * 8, "Abel", address=("1 rue Le Goff", "", "72000", "Le Mans", "FR"), name=("Gérard", "Abel"))[0]
    whole = person(b"b" * 8, "Le Goff")[0]
    first, second = orders_of(parse_query("le g"), [whole, half], [Nearness.BEGINNING, Nearness.WORD])
    assert first < second


def test_one_good_card_of_a_number_is_enough() -> None:
    elements = person(b"a" * 8, "Morel", card("29", state="lost"))
    assert identification_of([Candidate(elements, Claim.CARD)], "29").reason == "lost"
    both = person(b"a" * 8, "Morel", card("29", state="lost"), card("2 9"))
    assert identification_of([Candidate(both, Claim.CARD)], "29").outcome == "customer"


def test_a_blocked_card_says_why_if_somebody_said_so() -> None:
    told = person(b"a" * 8, "Morel", card("29", blocked=(True, None, "Fraude")))
    untold = person(b"a" * 8, "Morel", card("29", blocked=(True, None)))
    assert identification_of([Candidate(told, Claim.CARD)], "29").reason == "Fraude"
    assert identification_of([Candidate(untold, Claim.CARD)], "29").reason == "blocked"


def test_a_claim_underlines_the_very_value_also_when_it_is_written_otherwise() -> None:
    elements = person(b"a" * 8, "Morel", card("290001"), code="VIP 1")
    (hit,) = hits_of(parse_query("vip1"), [Candidate(elements, Claim.CODE)])
    assert [(match.field, match.text, match.nearness, match.ranges) for match in hit.matches] == [
        ("code", "VIP 1", "exact", ((0, 5),))
    ]
    (hit,) = hits_of(parse_query("VIP-1"), [Candidate(elements, Claim.CODE)])
    assert hit.matches[0].field == "code"


def test_a_code_with_signs_in_it_is_found_by_its_parts() -> None:
    elements = person(b"a" * 8, "Morel", code="VIP-2025-7")
    (hit,) = hits_of(parse_query("2025"), [Candidate(elements)])
    assert [(match.field, match.ranges) for match in hit.matches] == [("code", ((4, 8),))]


def test_head_offices_copy_has_no_age() -> None:
    assert copy_age(proved_ms=0, waiting=0, since_ms=0, now_ms=9, is_hub=True).age_s == 0
    till = copy_age(proved_ms=5_000, indexed=0.25, waiting=3, since_ms=86_400_000, now_ms=9_000, is_hub=False)
    assert (till.age_s, till.waiting, till.waiting_since) == (4, 3, "1970-01-02T00:00:00Z")
    assert till.indexed == 0.25
    ahead = copy_age(proved_ms=9_000, waiting=0, since_ms=0, now_ms=5_000, is_hub=False)
    assert ahead.age_s == 0, "a clock that was put back makes no negative age"
