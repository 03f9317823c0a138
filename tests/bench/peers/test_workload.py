"""The workload is the same for everybody, and its clashes are clashes."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.bench.peers import replay
from tests.bench.peers.workload import FULL, TILLS, Size, edits, lines, write

SMALL = Size(customers=300, edits=400, clashes=40)


def changed_by(till: int) -> dict[tuple[str, str], list[Any]]:
    changed = defaultdict(list)
    for edit in edits(SMALL, till):
        changed[edit["customer"], edit["field"]].append(edit["value"])
    return changed


def test_the_file_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    write(tmp_path / "once", SMALL)
    write(tmp_path / "again", SMALL)
    assert (tmp_path / "once").read_bytes() == (tmp_path / "again").read_bytes()


def test_it_holds_every_customer_with_fifteen_fields_and_every_edit() -> None:
    made = list(lines(SMALL))
    customers = [line for line in made if "fields" in line]
    assert len({line["customer"] for line in customers}) == SMALL.customers
    assert {len(line["fields"]) for line in customers} == {15}
    assert len(made) == SMALL.customers + 2 * SMALL.edits


def test_the_tills_clash_exactly_where_they_should_with_values_that_differ_from_each_other_and_before() -> None:
    before = {line["customer"]: line["fields"] for line in lines(SMALL) if "fields" in line}
    first, second = (changed_by(till) for till in TILLS)
    clashes = first.keys() & second.keys()
    assert len(clashes) == SMALL.clashes
    for customer, field in clashes:
        (one,), (other,) = first[customer, field], second[customer, field]
        assert len({str(value) for value in (one, other, before[customer][field])}) == 3


def test_each_till_works_in_order_of_time_and_the_second_opens_later() -> None:
    times = {till: [edit["at_ms"] for edit in edits(SMALL, till)] for till in TILLS}
    assert all(found == sorted(found) for found in times.values())
    assert times[2][0] < times[3][0]
    assert times[2][-1] < times[3][-1]


def test_an_adapter_reads_what_was_written(tmp_path: Path) -> None:
    write(tmp_path / "workload", SMALL)
    assert dict(replay.customers(tmp_path / "workload")) == {
        line["customer"]: line["fields"] for line in lines(SMALL) if "fields" in line
    }
    assert list(replay.edits(tmp_path / "workload", 3)) == list(edits(SMALL, 3))


def test_a_part_of_the_size_keeps_its_shape() -> None:
    assert FULL.part(20) == Size(customers=1000, edits=1000, clashes=100)
