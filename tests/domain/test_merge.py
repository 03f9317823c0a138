"""Merging is a join: whatever the order, the bundling and the repetition, the same stands in the end."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.domain.change import Operation, Verb
from daemon.domain.element import Element, Key, scope_of, tombstone_key
from daemon.domain.feed import Scope
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.merge import Change, Delta, Loser, View, is_known, key_of, merge, names_erased, needs, wins

ANNE, BRUNO, ACCOUNT = b"anne....", b"bruno...", b"account."
NAME, EMAIL, BLOCKED = 2, 8, 17


def stamp(time: int, site: int = 2) -> Stamp:
    return (time, site, 7)


def dot(number: int) -> bytes:
    return number.to_bytes(8, "big")


class Replica:
    """What stands, and what was kept of the rest."""

    def __init__(self) -> None:
        self.elements: dict[Key, Element] = {}
        self.tombstones: set[bytes] = set()
        self.losers: dict[tuple[Key, int, Stamp], Loser] = {}

    def hear(self, *changes: Change) -> Delta:
        delta = merge(View(self.elements, self.tombstones), changes)
        for settled in delta.settled:
            self.losers.pop(settled, None)
        self.losers |= {(one.key, one.number, one.stamp): one for one in delta.losers}
        for key in delta.drops:
            del self.elements[key]
        self.elements |= delta.puts
        self.tombstones |= {tombstone_key(entity)[0] for entity in delta.erased}
        return delta

    def bodies(self) -> dict[Key, bytes]:
        return {(key[0], int(key[1]), key[2]): element.body() for key, element in self.elements.items()}

    def value(self, number: int, entity: bytes = ANNE) -> Any:
        return self.elements[entity, Kind.CUSTOMER, b""].fields.get(number)

    def lost(self) -> list[Any]:
        return [loser.value for loser in self.losers.values() if not loser.is_twin]


def create(time: int, fields: dict[int, Any], entity: bytes = ANNE) -> Change:
    return Change(Operation(Kind.CUSTOMER, entity, Verb.CREATE, fields), stamp(time), b"")


def put(time: int, fields: dict[int, Any], seen: dict[int, Stamp] | None = None, site: int = 2) -> Change:
    return Change(Operation(Kind.CUSTOMER, ANNE, Verb.SET, fields, seen or {}), stamp(time, site), b"")


def add(time: int, number: int, fields: dict[int, Any], kind: int = Kind.TAG, entity: bytes = ANNE) -> Change:
    return Change(Operation(kind, entity, Verb.ADD, fields), stamp(time), dot(number))


def change_member(time: int, number: int, fields: dict[int, Any], kind: int = Kind.TAG) -> Change:
    return Change(Operation(kind, ANNE, Verb.SET, fields, {}, dot(number)), stamp(time), dot(number))


def remove(time: int, number: int, seen: dict[int, Stamp] | None = None, kind: int = Kind.TAG) -> Change:
    return Change(Operation(kind, ANNE, Verb.REMOVE, {}, seen or {}, dot(number)), stamp(time), dot(number))


def erase(time: int, entity: bytes = ANNE) -> Change:
    return Change(Operation(Kind.ERASE, entity, Verb.ERASE), stamp(time), b"")


# Laws.

values = st.one_of(st.none(), st.text(max_size=3), st.integers(0, 9), st.tuples(st.text(max_size=2), st.integers(0, 3)))
times = st.integers(1, 40)
stamps = st.tuples(times, st.integers(1, 3), st.just(7))
guards = st.tuples(st.booleans(), st.one_of(st.none(), stamps))
seen = st.dictionaries(st.sampled_from([1, NAME, EMAIL, BLOCKED]), stamps, max_size=2)
people = st.sampled_from([ANNE, BRUNO])
dots = st.integers(1, 3).map(dot)
members = st.sampled_from([Kind.TAG, Kind.CARD])
rows = st.fixed_dictionaries({}, optional={NAME: values, EMAIL: values, BLOCKED: guards})
parts = st.fixed_dictionaries({}, optional={1: values, 3: guards})


def operations() -> st.SearchStrategy[tuple[Operation, bytes]]:
    return st.one_of(
        st.tuples(st.builds(Operation, st.just(Kind.CUSTOMER), people, st.just(Verb.CREATE), rows), st.just(b"")),
        st.tuples(st.builds(Operation, st.just(Kind.CUSTOMER), people, st.just(Verb.SET), rows, seen), st.just(b"")),
        st.tuples(st.builds(Operation, members, people, st.just(Verb.ADD), parts), dots),
        st.tuples(st.builds(Operation, members, people, st.just(Verb.SET), parts, seen, dots), st.just(b"")),
        st.tuples(st.builds(Operation, members, people, st.just(Verb.REMOVE), st.just({}), seen, dots), st.just(b"")),
        st.tuples(
            st.builds(Operation, st.just(Kind.EDGE), people, st.just(Verb.ADD), st.fixed_dictionaries({1: people})),
            dots,
        ),
        st.tuples(
            st.builds(
                Operation,
                st.just(Kind.ENTRY),
                st.just(ACCOUNT),
                st.just(Verb.ADD),
                st.fixed_dictionaries({1: st.just(1), 2: st.integers(-5, 5)}),
                st.just({}),
                st.one_of(st.just(b""), dots),
            ),
            dots,
        ),
        st.tuples(st.builds(Operation, st.just(Kind.ERASE), people, st.just(Verb.ERASE)), st.just(b"")),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """Changes of several authors, each with a stamp of its own; an addition and its dot come from one record."""
    made = draw(st.lists(operations(), max_size=12))
    given_times = draw(st.lists(times, min_size=len(made), max_size=len(made), unique=True))
    found, added = [], set()
    for (operation, own_dot), time in zip(made, given_times, strict=True):
        if operation.verb == Verb.ADD and operation.kind != Kind.ENTRY:
            # A dot names one operation: what is added under it is added once.
            if (operation.kind, own_dot) in added:
                continue
            added.add((operation.kind, own_dot))
        found.append(Change(operation, (time, time % 3 + 1, 7), own_dot))
    return found


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_in_which_replicas_hear_does_not_matter(changes: list[Change], chance: Any) -> None:
    here, there = Replica(), Replica()
    for change in changes:
        here.hear(change)
    shuffled = list(changes)
    chance.shuffle(shuffled)
    for change in shuffled:
        there.hear(change)
    assert here.bodies() == there.bodies()
    assert here.tombstones == there.tombstones


@given(histories(), st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_bundling_does_not_matter(changes: list[Change], size: int) -> None:
    here, there = Replica(), Replica()
    for change in changes:
        here.hear(change)
    for at in range(0, len(changes), size):
        there.hear(*changes[at : at + size])
    assert here.bodies() == there.bodies()


@given(histories(), histories())
@settings(max_examples=100, deadline=None)
def test_what_is_heard_again_changes_nothing(before: list[Change], after: list[Change]) -> None:
    here = Replica()
    here.hear(*before, *after)
    once = here.bodies()
    for change in before:
        here.hear(change)
    assert here.bodies() == once


@given(histories())
@settings(max_examples=100, deadline=None)
def test_a_merge_sees_all_that_it_needs_when_it_is_shown_what_it_asks_for(changes: list[Change]) -> None:
    whole, narrow = Replica(), Replica()
    for change in changes:
        wanted = needs([change])
        seen_elements = {
            key: element
            for key, element in narrow.elements.items()
            if key in wanted.keys
            or key[0] in wanted.entities
            or (element.kind == Kind.EDGE and element.fields.get(1) in wanted.entities)
        }
        delta = merge(View(seen_elements, narrow.tombstones), [change])
        assert delta.drops <= narrow.elements.keys()
        narrow.hear(change)
        whole.hear(change)
    assert narrow.bodies() == whole.bodies()


one_guard = st.tuples(st.one_of(st.none(), guards), stamps)


@given(one_guard, one_guard, one_guard)
@settings(max_examples=300, deadline=None)
def test_guarded_values_are_in_one_order(a: Any, b: Any, c: Any) -> None:
    def above(new: Any, old: Any) -> bool:
        return wins(Kind.CUSTOMER, BLOCKED, new, old)

    assert not (above(a, b) and above(b, a))
    if above(a, b) and above(b, c):
        assert above(a, c)


# Cases.


def test_the_newer_value_stands_and_the_older_one_is_kept_when_nobody_had_seen_it() -> None:
    here = Replica()
    here.hear(create(1, {EMAIL: "a"}), put(5, {EMAIL: "b"}, site=2), put(6, {EMAIL: "c"}, site=3))
    assert here.value(EMAIL) == "c"
    assert here.lost() == ["b"]


def test_a_correction_is_no_disagreement() -> None:
    here = Replica()
    here.hear(create(1, {EMAIL: "a"}), put(5, {EMAIL: "b"}), put(6, {EMAIL: "c"}, {EMAIL: stamp(5)}))
    assert here.value(EMAIL) == "c"
    assert here.losers == {}


def test_who_replaces_a_loser_settles_it() -> None:
    here = Replica()
    here.hear(create(1, {EMAIL: "a"}), put(5, {EMAIL: "b"}), put(6, {EMAIL: "c"}, site=3))
    here.hear(put(7, {EMAIL: "d"}, {EMAIL: stamp(5)}))
    assert here.value(EMAIL) == "d"
    assert here.lost() == ["c"], "b was replaced by somebody who had seen it, c was not"


def test_the_same_value_given_twice_is_no_conflict_but_both_stamps_are_remembered() -> None:
    here = Replica()
    here.hear(create(1, {}), put(5, {EMAIL: "b"}), put(6, {EMAIL: "b"}, site=3))
    assert here.lost() == []
    assert [loser.is_twin for loser in here.losers.values()] == [True]


def test_an_emptied_field_is_newer_than_what_it_held() -> None:
    here = Replica()
    here.hear(create(1, {EMAIL: "a"}), put(5, {EMAIL: None}))
    assert here.value(EMAIL) is None
    here.hear(put(4, {EMAIL: "late"}, site=3))
    assert here.value(EMAIL) is None
    assert here.lost() == ["late"]


def test_a_refusal_falls_only_to_a_grant_that_names_it() -> None:
    here = Replica()
    here.hear(create(1, {}), put(5, {BLOCKED: (True, None)}), put(9, {BLOCKED: (False, None)}, site=3))
    assert here.value(BLOCKED) == (True, None)
    here.hear(put(8, {BLOCKED: (False, stamp(5))}, {BLOCKED: stamp(5)}))
    assert here.value(BLOCKED) == (False, stamp(5))
    here.hear(put(6, {BLOCKED: (True, None)}, site=3))
    assert here.value(BLOCKED) == (True, None), "a refusal that the grant had not seen stands, however old"


@pytest.mark.parametrize("nonsense", [None, 7, "x", (), (True,), (False, "no stamp"), (False, (1, 2)), (0, b"x", 3)])
def test_a_guard_that_is_not_well_formed_says_nothing_and_breaks_nothing(nonsense: Any) -> None:
    here = Replica()
    here.hear(create(1, {}), put(5, {BLOCKED: (True, None)}), put(9, {BLOCKED: nonsense}, site=3))
    assert here.value(BLOCKED) == (True, None)


def test_an_addition_that_nobody_removed_stands_beside_one_that_somebody_did() -> None:
    here = Replica()
    here.hear(add(1, 1, {1: "vip"}), add(2, 2, {1: "vip"}), remove(3, 1))
    assert [element.fields for element in here.elements.values() if element.is_here] == [{1: "vip"}]


def test_a_removed_member_does_not_come_back_with_its_addition() -> None:
    here = Replica()
    here.hear(remove(3, 1), add(1, 1, {1: "vip"}))
    assert not any(element.is_here for element in here.elements.values())


def test_what_others_edited_is_kept_when_a_copied_disk_removes_it_under_a_later_stamp_of_its_own() -> None:
    here = Replica()
    edited = Change(change_member(5, 1, {1: "gold"}).op, stamp(5, 1), dot(1))
    here.hear(add(1, 1, {1: "vip"}), edited)
    named = Change(Operation(Kind.TAG, ANNE, Verb.REMOVE, {}, {1: stamp(7)}, dot(1)), stamp(8), b"")
    here.hear(named)
    assert [(loser.value, loser.stamp) for loser in here.losers.values()] == [("gold", stamp(5, 1))]
    there = Replica()
    there.hear(add(1, 1, {1: "vip"}), change_member(5, 1, {1: "gold"}), named)
    assert not there.losers, "the same site's earlier word is what the later one replaced"


def test_an_edit_of_a_member_that_comes_before_its_addition_waits_for_it() -> None:
    here = Replica()
    here.hear(change_member(5, 1, {1: "gold"}))
    assert not any(element.is_here for element in here.elements.values())
    here.hear(add(1, 1, {1: "vip", 2: "x"}))
    (element,) = here.elements.values()
    assert (element.fields, element.is_here) == ({1: "gold", 2: "x"}, True)
    assert here.losers == {}, "whoever edited it had seen the addition"


def test_an_edit_that_the_remover_had_not_seen_is_kept() -> None:
    here = Replica()
    here.hear(add(1, 1, {1: "vip"}), change_member(4, 1, {1: "gold"}), remove(5, 1))
    assert here.lost() == ["gold"]
    here.hear(change_member(6, 1, {1: "platinum"}))
    assert here.lost() == ["gold", "platinum"]


def test_a_remover_who_had_seen_one_edit_had_not_seen_all() -> None:
    here = Replica()
    card = Kind.CARD
    here.hear(add(1, 1, {1: "C1"}, card), change_member(4, 1, {2: "app"}, card), change_member(9, 1, {5: "lost"}, card))
    here.hear(remove(10, 1, {5: stamp(9)}, card))
    assert here.lost() == ["app"]


def test_a_fact_stated_twice_is_one_and_the_earlier_statement_stands() -> None:
    here, there = Replica(), Replica()
    early = Change(Operation(Kind.ENTRY, ACCOUNT, Verb.ADD, {1: 1, 2: 10}, {}, dot(9)), stamp(3), dot(1))
    late = Change(Operation(Kind.ENTRY, ACCOUNT, Verb.ADD, {1: 1, 2: 99}, {}, dot(9)), stamp(8, 3), dot(2))
    here.hear(early, late)
    there.hear(late, early)
    assert here.bodies() == there.bodies()
    assert [element.fields[2] for element in here.elements.values()] == [10]


def test_an_erased_person_leaves_the_hash_of_the_id_and_nothing_else() -> None:
    here = Replica()
    here.hear(create(1, {NAME: ("A", "B")}), add(2, 1, {1: "vip"}), add(3, 2, {1: ANNE}, Kind.EDGE, BRUNO), erase(9))
    assert set(here.elements) == {tombstone_key(ANNE)}
    assert not any(ANNE in element.body() for element in here.elements.values())


def test_nothing_brings_an_erased_person_back() -> None:
    here = Replica()
    here.hear(erase(2), create(9, {NAME: ("A", "B")}), put(10, {EMAIL: "a"}), add(11, 1, {1: ANNE}, Kind.EDGE, BRUNO))
    assert set(here.elements) == {tombstone_key(ANNE)}
    assert here.losers == {}


def test_an_edit_before_the_row_makes_a_row_that_its_creation_completes() -> None:
    here = Replica()
    here.hear(put(5, {EMAIL: "b"}))
    assert here.elements[ANNE, Kind.CUSTOMER, b""].base == NO_STAMP
    here.hear(create(1, {NAME: ("A", "B"), EMAIL: "a"}))
    row = here.elements[ANNE, Kind.CUSTOMER, b""]
    assert (row.base, row.fields[EMAIL], row.stamp(NAME)) == (stamp(1), "b", stamp(1))


def test_an_edit_of_nothing_leaves_nothing() -> None:
    here = Replica()
    here.hear(put(5, {}), change_member(6, 1, {}))
    assert here.elements == {}


def test_what_this_version_does_not_know_is_parked_unless_it_speaks_of_an_erased_person() -> None:
    newer = Change(Operation(90, ANNE, Verb.ADD, {1: "x"}), stamp(5), dot(1))
    here = Replica()
    assert here.hear(newer).parked == [newer]
    here.hear(erase(6))
    assert here.hear(newer).parked == []


def test_an_operation_is_known_by_its_kind_and_its_verb() -> None:
    assert is_known(Operation(Kind.CUSTOMER, ANNE, Verb.SET))
    assert not is_known(Operation(Kind.CUSTOMER, ANNE, Verb.ADD))
    assert not is_known(Operation(90, ANNE, Verb.ADD))
    assert not is_known(Operation(Kind.CUSTOMER, ANNE, 99))


def test_what_an_operation_is_about() -> None:
    assert key_of(create(1, {})) == (ANNE, Kind.CUSTOMER, b"")
    assert key_of(add(1, 4, {})) == (ANNE, Kind.TAG, dot(4))
    assert key_of(remove(1, 4)) == (ANNE, Kind.TAG, dot(4))
    assert key_of(erase(1)) == tombstone_key(ANNE)


def test_an_edge_dies_with_either_end() -> None:
    gone = {tombstone_key(ANNE)[0]}
    assert names_erased(Operation(Kind.EDGE, BRUNO, Verb.ADD, {1: ANNE}), gone)
    assert names_erased(Operation(Kind.TAG, ANNE, Verb.ADD, {1: "x"}), gone)
    assert not names_erased(Operation(Kind.TAG, BRUNO, Verb.ADD, {1: "x"}), gone)
    assert not names_erased(Operation(Kind.ERASE, ANNE, Verb.ERASE), gone)


def test_equal_stamps_of_a_copied_box_are_decided_by_the_bytes() -> None:
    here, there = Replica(), Replica()
    one, other = put(5, {EMAIL: "a"}), put(5, {EMAIL: "b"})
    here.hear(create(1, {}), one, other)
    there.hear(create(1, {}), other, one)
    assert here.bodies() == there.bodies()


def test_what_one_shop_holds_stays_in_the_digest_of_that_shop_when_it_is_removed() -> None:
    here, gone = Replica(), Replica()
    held = Change(Operation(Kind.HELD_TICKET, ANNE, Verb.ADD, {4: "held", 6: 12}), stamp(1), dot(1))
    removed = Change(Operation(Kind.HELD_TICKET, ANNE, Verb.REMOVE, {6: 12}, {}, dot(1)), stamp(2), b"")
    here.hear(held, removed)
    gone.hear(removed, held)
    assert here.bodies() == gone.bodies()
    assert scope_of(here.elements[ANNE, Kind.HELD_TICKET, dot(1)]) == Scope(Reach.SHOP, 12)
