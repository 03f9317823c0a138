"""The audit trail: whoever changes, removes or adds an act is found out."""

from dataclasses import replace

import pytest

from daemon.domain import authoring
from daemon.domain.audit import (
    NO_LINK,
    WITNESS_STEPS,
    Act,
    Place,
    Witness,
    after_telling,
    described,
    examine,
    key_from,
    link_of,
    told_places,
)
from daemon.domain.change import Actor, ActorKind, Operation
from daemon.domain.element import tombstone_key
from daemon.domain.kinds import Kind

KEY = key_from(b"k" * 32)
START = Place()
LEA = Actor(ActorKind.OPERATOR, "00" * 8, "cashier", 7)
ANNE = b"anne...."


def trail(count: int, key: bytes = KEY, before: Place = START) -> list[tuple[Act, bytes]]:
    acts, place = [], before
    for n in range(before.n + 1, before.n + 1 + count):
        act = Act(n=n, at_ms=1000 * n, actor=LEA, what="customer change", about=tombstone_key(ANNE)[0])
        place = Place(n, link_of(key, place.link, act))
        acts.append((act, place.link))
    return acts


def end_of(acts: list[tuple[Act, bytes]]) -> Place:
    return Place(acts[-1][0].n, acts[-1][1])


def test_a_trail_fits_from_where_it_starts_to_where_it_says_it_ends() -> None:
    acts = trail(5)
    found = examine(KEY, Place(), acts, end_of(acts))
    assert (found.count, found.since_ms, found.head, found.broken_at) == (5, 1000, end_of(acts), None)
    later = trail(3, before=end_of(acts))
    assert examine(KEY, end_of(acts), later, end_of(later)).broken_at is None
    assert examine(KEY, Place(), [], Place()).broken_at is None


@pytest.mark.parametrize(
    "changed",
    [
        {"what": "customer add"},
        {"at_ms": 1},
        {"about": b""},
        {"record": (b"bootboot", 1)},
        {"actor": replace(LEA, role="manager")},
        {"actor": replace(LEA, id="11" * 8)},
    ],
)
def test_an_act_that_was_changed_is_named(changed: dict[str, object]) -> None:
    acts = trail(5)
    acts[2] = (replace(acts[2][0], **changed), acts[2][1])  # type: ignore[arg-type]  # any field of an act
    assert examine(KEY, Place(), acts, end_of(acts)).broken_at == 3


def test_an_act_that_was_removed_is_named_at_the_end_too() -> None:
    acts = trail(5)
    assert examine(KEY, Place(), acts[:2] + acts[3:], end_of(acts)).broken_at == 3
    assert examine(KEY, Place(), acts[:-1], end_of(acts)).broken_at == 5
    assert examine(KEY, Place(), acts[1:], end_of(acts)).broken_at == 1


def test_who_has_not_the_key_cannot_link_anew() -> None:
    forged = trail(5, key_from(b"another" * 5))
    assert examine(KEY, Place(), forged, end_of(forged)).broken_at == 1


def test_an_act_says_what_was_done_to_which_kind_and_names_nobody() -> None:
    operations = [
        authoring.create(Kind.CUSTOMER, ANNE, {2: ("Anne", "Le Goff")}),
        *(authoring.add(Kind.TAG, ANNE, {1: str(n)}) for n in range(3)),
        authoring.add(Kind.ENTRY, ANNE, {1: 1, 2: 5}),
    ]
    assert described(operations) == ("customer create, tag add, entry book", tombstone_key(ANNE)[0])
    assert described([authoring.erase(Kind.ERASE, ANNE)])[0] == "erase"
    assert described([Operation(90, ANNE, 3)])[0] == "kind 90 add"
    assert described([]) == ("", b"")


def test_an_act_of_many_kinds_names_the_first_ones() -> None:
    kinds = (Kind.CARD, Kind.NOTE, Kind.TAG, Kind.ADDRESS, Kind.WISH, Kind.COUPON, Kind.PRICE, Kind.EDGE)
    said, _ = described([authoring.add(kind, ANNE, {}) for kind in kinds])
    assert said == "card add, note add, tag add, address add, wish add, coupon add and 2 more"


def test_the_last_act_is_told_and_the_last_ones_at_each_step() -> None:
    assert told_places(0) == ()
    assert told_places(70) == (64, 70)
    assert told_places(20_000) == (16_384, 19_456, 19_968, 20_000)


def places(acts: list[tuple[Act, bytes]]) -> list[Place]:
    by_number = {act.n: link for act, link in acts}
    return [Place(n, by_number[n]) for n in told_places(acts[-1][0].n)]


def test_head_office_believes_a_trail_that_grows() -> None:
    acts, witness = trail(200), Witness(known={})
    for length in (1, 63, 64, 65, 130, 200):
        witness = after_telling(witness, places(acts[:length]))
        assert witness.changed_at is None
    assert set(witness.known) == {192, 200}
    assert after_telling(witness, []) == witness


def test_head_office_sees_a_trail_that_was_cut_or_linked_anew_with_the_key() -> None:
    acts = trail(200)
    witness = after_telling(Witness(known={}), places(acts[:130]))
    assert after_telling(witness, places(acts[:100])).changed_at == 101
    rewritten = trail(200, before=Place(0, b"another-start..."))
    changed = after_telling(witness, places(rewritten[:131]))
    assert changed.changed_at == 128
    assert after_telling(changed, places(acts[:150])).changed_at == 128, "it stays so until somebody has looked"


def test_head_office_keeps_few_links_of_a_long_trail() -> None:
    witness = Witness(known={})
    for n in range(1, 300_000, 997):
        witness = after_telling(witness, [Place(at, b"%016d" % at) for at in told_places(n)])
    assert len(witness.known) <= len(WITNESS_STEPS) + 1
    assert NO_LINK not in witness.known.values()
