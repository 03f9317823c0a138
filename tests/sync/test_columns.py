"""Records in columns come back byte for byte; columns that do not fit together are refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Actor, Header, Operation, Record, Verb, encode_header, encode_operation, read_header
from daemon.errors import PeerFault
from daemon.sync.columns import from_columns, to_columns

operations = st.builds(
    Operation,
    st.integers(1, 300),
    st.binary(min_size=8, max_size=8),
    st.sampled_from(list(Verb)),
    st.dictionaries(st.integers(1, 40), st.one_of(st.none(), st.text(max_size=5), st.integers(-9, 9)), max_size=3),
)
slots = st.one_of(operations.map(encode_operation), st.binary(min_size=16, max_size=16).map(lambda leaf: (leaf,)))
headers = st.builds(
    Header,
    st.integers(1, 3),
    st.sampled_from([b"bootboot", b"bootbaab"]),
    st.integers(1, 2**40),
    st.integers(0, 2**60),
    st.integers(0, 3),
    st.builds(
        Actor, st.integers(0, 2), st.sampled_from(["", "op1"]), st.sampled_from(["", "seller"]), st.integers(0, 2)
    ),
)
records = st.builds(Record, headers.map(encode_header), st.lists(slots, min_size=1, max_size=4).map(tuple))


@given(st.lists(records, max_size=8).map(tuple))
def test_records_come_back_byte_for_byte(batch: tuple[Record, ...]) -> None:
    assert from_columns(unpack(pack(to_columns(batch)))) == batch


def test_a_header_of_a_newer_version_travels_as_it_is() -> None:
    newer = pack({1: 2, 2: b"bootboot", 3: 1, 4: 5, 5: 9, 6: (1, "op1"), 7: "seller", 8: 4, 9: "signature"})
    older = encode_header(Header(2, b"bootboot", 2, 6, 9, Actor(1, "op1", "seller", 4)))
    batch = (Record(newer, ((bytes(16),),)), Record(older, ((bytes(16),),)))
    assert from_columns(unpack(pack(to_columns(batch)))) == batch


def test_what_one_till_repeats_stands_once() -> None:
    batch = tuple(
        Record(
            encode_header(Header(2, b"bootboot", n, 1000 + n, 9, Actor(1, "op1", "seller", 4))),
            (encode_operation(Operation(1, n.to_bytes(8, "big"), Verb.SET, {8: "x"})),),
        )
        for n in range(1, 50)
    )
    authors, numbers, steps, times, raws, counts, ids, operations = to_columns(batch)
    assert len(authors) == 1
    assert (set(numbers), set(steps), set(times[1:]), raws, set(counts)) == ({0}, {1}, {1}, (), {1})
    assert len(ids) == 49 * 8
    assert len(set(operations)) == 1


WHOLE = to_columns(
    (
        Record(
            encode_header(Header(2, b"bootboot", 1, 5, 9, Actor())),
            (encode_operation(Operation(1, b"anne....", Verb.SET, {8: "x"})), (bytes(16),)),
        ),
    )
)


@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize(
    "nonsense", [None, 7, "x", b"", (), (None,), ((),), (7, 7, 7), {1: 1}, ("x",), (-5,), (2**70,)]
)
def test_columns_that_do_not_fit_together_are_refused(at: int, nonsense: Any) -> None:
    columns = (*WHOLE[:at], nonsense, *WHOLE[at + 1 :])
    try:
        (record,) = from_columns(columns)
        read_header(record.header)
    except PeerFault:
        return
    assert (at, nonsense) == (4, ()), "there is no raw header in this one"


@pytest.mark.parametrize("columns", [None, 5, (), WHOLE[:7], (*WHOLE, 1), "columns", {1: 2}])
def test_what_is_no_set_of_columns_is_refused(columns: Any) -> None:
    with pytest.raises(PeerFault):
        from_columns(columns)


def test_ids_too_many_or_too_few_are_refused() -> None:
    for ids in (WHOLE[6] + b"surplus.", WHOLE[6][:-1]):
        with pytest.raises(PeerFault):
            from_columns((*WHOLE[:6], ids, WHOLE[7]))


def test_a_leaf_of_another_length_is_refused() -> None:
    with pytest.raises(PeerFault, match="16 bytes"):
        from_columns((*WHOLE[:7], (WHOLE[7][0], (b"short",))))
