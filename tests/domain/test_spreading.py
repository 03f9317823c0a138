"""Rights lie where the customer goes; never more of them than before, and never sent to and fro."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain import spreading
from daemon.domain.change import Operation
from daemon.domain.kinds import BOOK_COUPON
from daemon.domain.rights import KEEP, TO, WANTED, Holder, Standing
from daemon.domain.spreading import Places
from tests.domain.test_escrow import HOLDERS, after, sound, standing
from tests.domain.test_rights import moved

SHOP = Places(usual=HOLDERS)
BOTH = Places(usual=HOLDERS[:2], away=HOLDERS[2:])


@given(sound)
def test_the_usual_shop_gets_all_but_a_reserve(before: Standing) -> None:
    left = after(before, spreading.hand_out(before, SHOP))
    assert left.free >= 0
    assert left.free <= max(before.balance // spreading.RESERVE_SHARE, before.balance // 8, 1)


def test_a_coupon_goes_whole_to_the_most_usual_till() -> None:
    assert moved(spreading.hand_out(standing(1, book=BOOK_COUPON), SHOP), BOOK_COUPON) == (0, {HOLDERS[0]: 1})


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(0, 100))
def test_levelling_gives_all_of_it_to_those_who_have_least(held: list[int], amount: int) -> None:
    shares = spreading.level(held, amount)
    assert sum(shares) == amount
    assert min(shares) >= 0
    raised = [had + got for had, got in zip(held, shares, strict=True) if got]
    assert max(raised, default=0) - min([h + s for h, s in zip(held, shares, strict=True)]) <= 1


def test_what_a_till_elsewhere_has_left_after_the_sale_goes_home() -> None:
    (recall,) = spreading.even_out(standing(100, 30, 30, 40), Places(usual=HOLDERS[:2]), sold_at={4})
    assert (recall.fields[5], recall.fields[7], recall.fields[9]) == (HOLDERS[2], 40, HOLDERS[0])
    assert spreading.even_out(standing(100, 30, 30, 40), Places(usual=HOLDERS[:2]), sold_at={2}) == []


def passed_on(before: Standing, operations: list[Operation]) -> Standing:
    """What holders have once all of them have done what they were asked."""
    held = dict(before.held)
    for op in operations:
        whose, to, keep = op.fields[5], op.fields[TO], op.fields[KEEP]
        amount = max(min(op.fields[WANTED], held[whose] - keep), 0)
        held[whose] -= amount
        held[to] = held.get(to, 0) + amount
    return Standing(account=before.account, book=before.book, balance=before.balance, held=held)


def test_a_till_elsewhere_keeps_its_part_after_a_sale_and_the_rest_goes_home() -> None:
    (recall,) = spreading.even_out(standing(100, 30, 30, 40), BOTH, sold_at={4})
    assert (recall.fields[5], recall.fields[WANTED], recall.fields[KEEP]) == (HOLDERS[2], 20, 20)


def test_a_till_elsewhere_that_has_spent_its_part_gets_it_again() -> None:
    (recall,) = spreading.even_out(standing(100, 60, 40, 0), BOTH)
    assert (recall.fields[5], recall.fields[WANTED], recall.fields[TO]) == (HOLDERS[0], 20, HOLDERS[2])


@given(sound)
def test_what_is_handed_out_goes_to_both_and_the_larger_part_to_the_usual_shop(before: Standing) -> None:
    found = after(before, spreading.hand_out(before, BOTH))
    assert found.free >= 0
    got = {holder: left - before.held.get(holder, 0) for holder, left in found.held.items()}
    assert min(got.values(), default=0) >= 0
    assert got.get(HOLDERS[2], 0) <= max(BOTH.part_away(before.balance) - before.held[HOLDERS[2]], 0)


@given(sound, st.booleans())
def test_rights_come_to_rest(before: Standing, is_shop: bool) -> None:
    places: Places = SHOP if is_shop else BOTH
    here = before
    for _ in range(8):
        operations = spreading.even_out(here, places, sold_at=frozenset())
        if not operations:
            break
        here = passed_on(here, operations)
    else:
        raise AssertionError("they are sent to and fro")
    assert sum(here.held.values()) == sum(before.held.values())


def lanes(*held: int) -> Standing:
    found: dict[Holder, int] = dict(zip(HOLDERS, held, strict=True))
    return Standing(account=b"account!", book=1, balance=sum(held), held=found)


def test_two_lanes_that_have_little_are_filled_at_once() -> None:
    here = lanes(90, 0, 0)
    assert passed_on(here, spreading.even_out(here, SHOP)).held == dict.fromkeys(HOLDERS, 30)
