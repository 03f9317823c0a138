"""Operations and records: their bytes, what is refused, and the chain that links them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.canonical import pack
from daemon.domain.change import (
    NO_CHAIN,
    Actor,
    ActorKind,
    Header,
    Operation,
    Record,
    Verb,
    decode_header,
    decode_operation,
    dot_of,
    encode_header,
    encode_operation,
    entity_in,
    is_id,
    is_stamp,
    leaf_of,
    link,
    read_header,
    read_operation,
    record_bytes,
)
from daemon.domain.ids import RecordId
from daemon.domain.kinds import Kind
from daemon.errors import PeerFault

ANNE = b"anne...."
HEADER = Header(2, b"bootboot", 3, 77 << 16, 9, Actor(ActorKind.OPERATOR, "op1", "seller", 4))

stamps = st.tuples(st.integers(0, 2**63 - 1), st.integers(0, 2**31), st.integers(0, 2**32 - 1))
values = st.one_of(st.none(), st.booleans(), st.text(max_size=8), st.integers(-(2**40), 2**40), stamps)
numbers = st.integers(0, 2**31 - 1)
operations = st.builds(
    Operation,
    st.integers(1, 200),
    st.binary(min_size=8, max_size=8),
    st.sampled_from(list(Verb)),
    st.dictionaries(numbers, values, max_size=4),
    st.dictionaries(numbers, stamps, max_size=3),
    st.one_of(st.just(b""), st.binary(min_size=8, max_size=8)),
)
headers = st.builds(
    Header,
    st.integers(1, 2**31 - 1),
    st.binary(min_size=8, max_size=8),
    st.integers(1, 2**62 - 1),
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**32 - 1),
    st.builds(Actor, st.integers(0, 2), st.text(max_size=20), st.text(max_size=20), st.integers(0, 999)),
)


@given(operations)
def test_an_operation_comes_back_from_its_bytes(operation: Operation) -> None:
    raw = encode_operation(operation)
    assert decode_operation(raw) == operation
    assert read_operation(raw) == operation
    assert encode_operation(decode_operation(raw)) == raw
    assert entity_in(raw) == operation.entity


@given(headers)
def test_a_header_comes_back_from_its_bytes(header: Header) -> None:
    raw = encode_header(header)
    assert decode_header(raw) == read_header(raw) == header


@given(st.one_of(operations.map(encode_operation), headers.map(encode_header)), st.data())
def test_damaged_bytes_are_taken_or_refused_and_nothing_else(raw: bytes, data: Any) -> None:
    at = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:at] + bytes([data.draw(st.integers(0, 255))]) + raw[at + 1 :]
    for read in (read_operation, read_header):
        try:
            read(damaged)
        except PeerFault:
            continue


def test_what_is_empty_is_left_out_of_an_operation() -> None:
    assert encode_operation(Operation(Kind.ERASE, ANNE, Verb.ERASE)) == pack({1: 8, 2: ANNE, 3: 5})


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ([1, 2, 3], "lacks its kind"),
        ({1: 1, 2: ANNE}, "lacks its kind"),
        ({1: "x", 2: ANNE, 3: 1}, "not a number"),
        ({1: 1, 2: ANNE, 3: True}, "not a number"),
        ({1: 2**40, 2: ANNE, 3: 1}, "out of range"),
        ({1: -1, 2: ANNE, 3: 1}, "out of range"),
        ({1: 1, 2: b"short", 3: 1}, "not 8 bytes"),
        ({1: 1, 2: "anne....", 3: 1}, "not 8 bytes"),
        ({1: 1, 2: ANNE, 3: 1, 6: b"short"}, "not 8 bytes"),
        ({1: 1, 2: ANNE, 3: 1, 4: (1,)}, "not a map"),
        ({1: 1, 2: ANNE, 3: 1, 5: 7}, "not a map"),
        ({1: 1, 2: ANNE, 3: 1, 4: {2**40: 1}}, "field number"),
        ({1: 1, 2: ANNE, 3: 1, 5: {1: (1, 2)}}, "not a stamp"),
        ({1: 1, 2: ANNE, 3: 1, 5: {1: (2**63, 1, 1)}}, "not a stamp"),
        ({1: 1, 2: ANNE, 3: 1, 5: {1: (1, 2**63, 1)}}, "not a stamp"),
    ],
)
def test_a_malformed_operation_is_refused_with_its_reason(operation: Any, reason: str) -> None:
    raw = pack(tuple(operation) if isinstance(operation, list) else operation)
    with pytest.raises(PeerFault) as refused:
        read_operation(raw)
    assert reason in str(refused.value)


HEADER_PLAIN = {1: 2, 2: b"bootboot", 3: 3, 4: 5, 5: 9, 6: (1, "op1"), 7: "seller", 8: 4}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({1: "2"}, "field 1"),
        ({3: True}, "field 3"),
        ({8: None}, "field 8"),
        ({6: (1,)}, "no actor"),
        ({6: ("1", "op1")}, "no actor"),
        ({2: b"short"}, "out of range"),
        ({3: 0}, "out of range"),
        ({4: 2**63}, "out of range"),
        ({5: 2**32}, "out of range"),
        ({1: 2**31}, "out of range"),
        ({6: (2**40, "op1")}, "out of range"),
        ({8: 2**63}, "out of range"),
        ({7: "x" * 2000}, "bytes long"),
    ],
)
def test_a_malformed_header_is_refused_with_its_reason(changed: dict[int, Any], reason: str) -> None:
    with pytest.raises(PeerFault) as refused:
        read_header(pack(HEADER_PLAIN | changed))
    assert reason in str(refused.value)
    assert read_header(pack(HEADER_PLAIN)).n == 3


def test_a_header_that_is_no_map_is_refused() -> None:
    with pytest.raises(PeerFault, match="not a map"):
        read_header(pack((1, 2)))


def test_fields_that_a_newer_version_adds_to_a_header_are_let_through() -> None:
    assert read_header(pack(HEADER_PLAIN | {9: "new"})).site == 2


def test_a_record_is_named_by_site_boot_and_number_and_stamped_by_time_site_and_incarnation() -> None:
    assert HEADER.record == RecordId(2, b"bootboot", 3)
    assert HEADER.stamp == (77 << 16, 2, 9)


def test_the_dot_of_an_operation_depends_on_its_record_and_its_place_only() -> None:
    moved = replace(HEADER, time=1, incarnation=1)
    assert dot_of(HEADER.record, 0) == dot_of(moved.record, 0)
    assert len({dot_of(HEADER.record, at) for at in range(100)}) == 100
    assert dot_of(replace(HEADER, n=4).record, 0) != dot_of(HEADER.record, 0)


def test_a_cut_operation_has_the_leaf_that_it_had_whole() -> None:
    raw = encode_operation(Operation(Kind.CUSTOMER, ANNE, Verb.SET, {2: ("A", "B")}))
    leaf = leaf_of(raw)
    assert leaf == leaf_of(raw, ANNE) == leaf_of((leaf,))
    header = encode_header(HEADER)
    assert link(NO_CHAIN, header, [leaf_of(raw)]) == link(NO_CHAIN, header, [leaf_of((leaf,))])


def test_a_leaf_betrays_nothing_without_the_id_that_salts_it() -> None:
    same = [encode_operation(Operation(Kind.TAG, bytes([n]) * 8, Verb.ADD, {1: "vip"})) for n in (1, 2)]
    assert leaf_of(same[0]) != leaf_of(same[1])


def test_a_chain_depends_on_every_header_and_every_leaf_in_their_order() -> None:
    header, leaves = encode_header(HEADER), [leaf_of((bytes([n]) * 16,)) for n in (1, 2)]
    chains = {
        link(NO_CHAIN, header, leaves),
        link(NO_CHAIN, header, leaves[::-1]),
        link(NO_CHAIN, header, leaves[:1]),
        link(NO_CHAIN, encode_header(replace(HEADER, n=4)), leaves),
        link(bytes([1]) * 16, header, leaves),
    }
    assert len(chains) == 5


def test_the_length_of_a_record_counts_leaves_as_leaves() -> None:
    raw = encode_operation(Operation(Kind.CUSTOMER, ANNE, Verb.SET, {2: "x" * 500}))
    whole, cut = Record(encode_header(HEADER), (raw,)), Record(encode_header(HEADER), ((leaf_of(raw),),))
    assert record_bytes(whole) - record_bytes(cut) == len(raw) - 20


@pytest.mark.parametrize("value", [(1, 2, 3), (0, 0, 0), (2**63 - 1, 1, 1)])
def test_a_stamp_is_recognised(value: object) -> None:
    assert is_stamp(value)


@pytest.mark.parametrize(
    "value", [None, (1, 2), [1, 2, 3], (1, 2, -3), (2**63, 1, 1), (1, 2, 2**63), (True, 1, 1), "abc"]
)
def test_what_is_no_stamp_is_recognised(value: object) -> None:
    assert not is_stamp(value)


def test_an_id_is_eight_bytes() -> None:
    assert is_id(ANNE)
    assert not is_id("anne....")
    assert not is_id(b"anne")
