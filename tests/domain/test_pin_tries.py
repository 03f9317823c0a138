"""Wrong tries at a PIN converge, and no order of hearing gives fresh ones."""

from collections.abc import Sequence
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain import pin_tries
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.merge import Change, View, merge
from daemon.domain.pin_tries import CLOSED_AT, Tries, dot_of, tries_of

WHOM = b"customer"
HOLDERS = ((2, b"lot-of-2"), (3, b"lot-of-3"), (4, b"lot-of-4"))


class Till:
    """What one till knows of the tries, by real merges."""

    def __init__(self, number: int) -> None:
        self.holder = HOLDERS[number]
        self.known: dict[bytes, Element] = {}
        self.said: list[Change] = []
        self.now = 1

    def own(self) -> Element | None:
        return self.known.get(dot_of(WHOM, self.holder))

    @property
    def tries(self) -> Tries:
        return tries_of(self.known.values())

    def wrong(self) -> None:
        self.say(pin_tries.wrong(self.own(), WHOM, self.holder, now_ms=self.now))

    def right(self) -> None:
        self.say(pin_tries.forgive(self.own(), WHOM, self.holder, self.tries))

    def say(self, operations: Sequence[Operation]) -> None:
        self.now += 1
        for op in operations:
            change = Change(op, (self.now, self.holder[0], 1), op.dot)
            self.said.append(change)
            self.hear(change)

    def hear(self, change: Change) -> None:
        view = View({one.key: one for one in self.known.values()})
        for one in merge(view, [change]).puts.values():
            self.known[one.dot] = one


def settle(tills: Sequence[Till]) -> None:
    for till in tills:
        for other in tills:
            for change in other.said:
                till.hear(change)


def test_three_wrong_tries_cost_nothing_then_each_waits_longer_until_the_pin_is_closed() -> None:
    waits = [Tries(open=wrong, last_ms=1_000).wait_ms(1_000) for wrong in range(CLOSED_AT)]
    assert waits == [0, 0, 0, 30_000, 60_000, 120_000]
    assert Tries(open=3, last_ms=1_000).wait_ms(31_001) == 0
    assert Tries(open=5, last_ms=60_000).wait_ms(0) == 120_000, "a clock that went back a little makes no longer wait"
    assert Tries(open=5, last_ms=10**12).wait_ms(0) == 0, "nor does a till whose clock was years ahead lock anybody out"
    assert not Tries(open=CLOSED_AT - 1).is_closed
    assert (Tries(open=CLOSED_AT).is_closed, Tries(open=CLOSED_AT).left) == (True, 0)


def test_the_right_pin_forgives_what_its_till_had_heard_of_and_no_more() -> None:
    one, two, three = tills = [Till(at) for at in range(3)]
    one.wrong()
    one.wrong()
    settle(tills)
    three.wrong()  # nobody has heard of it when the right PIN comes
    two.right()
    assert two.tries.open == 0
    settle(tills)
    assert [till.tries.open for till in tills] == [1, 1, 1]


def test_two_tills_that_forgive_the_same_tries_at_once_forgive_them_once() -> None:
    one, two, _ = tills = [Till(at) for at in range(3)]
    one.wrong()
    one.wrong()
    settle(tills)
    one.right()
    two.right()
    two.wrong()
    settle(tills)
    assert [till.tries.open for till in tills] == [1, 1, 1]


def test_cut_off_tills_together_give_no_more_tries_than_each_alone() -> None:
    tills = [Till(at) for at in range(3)]
    for till in tills:
        while not till.tries.is_closed:
            till.wrong()
    settle(tills)
    assert {till.tries.open for till in tills} == {CLOSED_AT * 3}
    assert all(till.tries.is_closed for till in tills)


def test_what_is_refused_again_and_again_is_told_once_a_minute() -> None:
    till = Till(0)
    for now_ms in (100_000, 110_000, 159_999, 160_000):
        till.say(pin_tries.refused(till.own(), WHOM, till.holder, now_ms=now_ms))
    own = till.own()
    assert own is not None
    assert own.fields[pin_tries.REFUSED] == 2


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["wrong", "right", "hear"])), max_size=24))
def test_whatever_happened_all_tills_agree_and_never_forgive_what_was_not_heard_of(did: list[tuple[int, str]]) -> None:
    tills = [Till(at) for at in range(3)]
    wrong = 0
    for at, what in did:
        till = tills[at]
        if what == "wrong":
            till.wrong()
            wrong += 1
        elif what == "right":
            till.right()
        else:
            for change in [change for other in tills for change in other.said]:
                till.hear(change)
    settle(tills)
    found = {till.tries for till in tills}
    assert len(found) == 1
    (tries,) = found
    assert tries.ever == wrong
    assert 0 <= tries.open <= wrong


def test_the_order_in_which_tills_are_heard_does_not_matter() -> None:
    one, two, three = [Till(at) for at in range(3)]
    one.wrong()
    two.wrong()
    two.right()
    three.wrong()
    said = [change for till in (one, two, three) for change in till.said]
    outcomes = set()
    for order in permutations(said):
        listener = Till(0)
        for change in order:
            listener.hear(change)
        outcomes.add(listener.tries)
    assert len(outcomes) == 1
