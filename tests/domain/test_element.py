"""Elements: one encoding, one key, one place in the digest."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.element import (
    Element,
    bucket_of,
    hash_of,
    holder_site,
    reach_of,
    read_body,
    scope_of,
    tombstone_key,
)
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.hlc import NO_STAMP
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind

ANNE, DOT = b"anne....", b"dotdotdo"

stamps = st.tuples(st.integers(0, 2**62), st.integers(0, 99), st.integers(0, 2**32 - 1))
elements = st.builds(
    Element,
    st.sampled_from([1, 2, 16, 90]),
    st.binary(min_size=8, max_size=8),
    st.one_of(st.just(b""), st.binary(min_size=8, max_size=8)),
    stamps,
    st.dictionaries(st.integers(1, 2000), st.one_of(st.text(max_size=5), st.integers(), stamps), max_size=4),
    st.dictionaries(st.integers(1, 2000), stamps, max_size=4),
)


@given(elements.filter(lambda one: all(-(2**63) <= v < 2**64 for v in one.fields.values() if isinstance(v, int))))
def test_an_element_comes_back_from_its_bytes_and_the_bytes_do_not_depend_on_the_order_of_fields(one: Element) -> None:
    assert read_body(one.body()) == one
    turned = Element(
        one.kind,
        one.entity,
        one.dot,
        one.base,
        dict(reversed(one.fields.items())),
        dict(reversed(one.stamps.items())),
    )
    assert turned.body() == one.body()


def test_a_field_has_the_stamp_of_the_base_unless_it_was_set_since() -> None:
    one = Element(1, ANNE, b"", (5, 2, 7), {2: "x", 8: "y"}, {8: (9, 3, 7)})
    assert one.stamp(2) == (5, 2, 7)
    assert one.stamp(8) == (9, 3, 7)


def test_every_part_of_an_element_changes_its_hash() -> None:
    one = Element(1, ANNE, b"", (5, 2, 7), {2: "x"}, {2: (9, 3, 7)})
    others = [
        Element(2, ANNE, b"", (5, 2, 7), {2: "x"}, {2: (9, 3, 7)}),
        Element(1, ANNE, DOT, (5, 2, 7), {2: "x"}, {2: (9, 3, 7)}),
        Element(1, ANNE, b"", (6, 2, 7), {2: "x"}, {2: (9, 3, 7)}),
        Element(1, ANNE, b"", (5, 2, 7), {2: "z"}, {2: (9, 3, 7)}),
        Element(1, ANNE, b"", (5, 2, 7), {2: "x"}, {2: (9, 3, 8)}),
        Element(1, ANNE, b"", (5, 2, 7), {2: "x", 900: 1}, {2: (9, 3, 7)}),
    ]
    assert len({hash_of(element.body()) for element in [one, *others]}) == 7


def test_the_bucket_depends_on_the_key_alone() -> None:
    assert bucket_of((ANNE, 2, DOT)) == bucket_of((ANNE, Kind.CARD, DOT))
    assert 0 <= bucket_of((ANNE, 2, DOT)) < 65_536
    assert len({bucket_of((bytes([n]) * 8, 1, b"")) for n in range(200)}) > 190


def test_what_is_left_of_a_removed_member_is_its_key() -> None:
    removed = Element(Kind.TAG, ANNE, DOT, NO_STAMP)
    to_come = Element(Kind.TAG, ANNE, DOT, NO_STAMP, {1: "x"}, {1: (4, 2, 7)})
    emptied = Element(Kind.TAG, ANNE, DOT, NO_STAMP, {}, {1: (4, 2, 7)})
    here = Element(Kind.TAG, ANNE, DOT, (1, 2, 7), {1: "x"})
    row = Element(Kind.CUSTOMER, ANNE, b"", NO_STAMP, {2: "x"}, {2: (4, 2, 7)})
    assert [one.is_removed for one in (removed, to_come, emptied, here, row)] == [True, False, False, False, False]
    assert [one.is_here for one in (removed, to_come, emptied, here, row)] == [False, False, False, True, True]


def test_a_tombstone_does_not_hold_the_id() -> None:
    key = tombstone_key(ANNE)
    assert ANNE not in key[0]
    assert tombstone_key(ANNE) == key
    assert key[1:] == (Kind.ERASE, b"")


def test_a_right_belongs_to_the_site_of_its_holder_and_everything_else_to_the_chain() -> None:
    right = Element(Kind.RIGHT, ANNE, DOT, (1, 1, 1), {1: 1, 2: 5, 5: (4, b"lotlotlo")})
    assert scope_of(right) == Scope(Reach.SITE, 4)
    assert scope_of(Element(Kind.ENTRY, ANNE, DOT, (1, 1, 1), dict(right.fields))) == CHAIN
    assert scope_of(Element(90, ANNE, b"", (1, 1, 1))) == CHAIN
    assert reach_of(90) is Reach.CHAIN


def test_a_holder_that_is_none_counts_as_site_nought() -> None:
    for nonsense in (None, 5, (1,), (1, b"", 3), ("1", b""), (-1, b""), (2**40, b""), [1, b""]):
        assert holder_site({5: nonsense}) == 0


def test_what_one_shop_holds_counts_in_the_digest_of_the_shop_that_it_names() -> None:
    assert scope_of(Element(Kind.HELD_TICKET, ANNE, DOT, (5, 2, 7), {6: 12})) == Scope(Reach.SHOP, 12)
    for unheard in (None, "12", -1, True, 2**31):
        assert scope_of(Element(Kind.HELD_TICKET, ANNE, DOT, (5, 2, 7), {6: unheard})) == Scope(Reach.SHOP, 0)
