"""Whether a disk runs in the machine that it ran in before."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.machine import fingerprint, recognise

FACTS = st.dictionaries(st.sampled_from(("system", "board", "disk.cid")), st.sampled_from((b"a", b"b")))


def test_nothing_that_was_read_stands_in_a_fingerprint_and_chains_do_not_share_one() -> None:
    serial = "10000000abcdef01"
    [(name, digest)] = fingerprint("essai", {"board": f"{serial}\0"}).items()
    assert (name, len(digest)) == ("board", 16)
    assert serial.encode() not in digest
    assert fingerprint("essai", {"board": serial}) == {"board": digest}
    assert fingerprint("autre", {"board": serial}) != {"board": digest}
    assert fingerprint("essai", {"system": serial})["system"] != digest


def test_what_makers_leave_in_place_of_a_number_is_unknown() -> None:
    blanks = (
        "",
        "\n",
        "0000000000000000",
        "ffffffff",
        "00000000-0000-0000-0000-000000000000",
        "Default string",
        "None",
    )
    assert not any(fingerprint("c", {"board": blank}) for blank in blanks)


def test_a_fact_that_differs_makes_another_machine_and_the_former_ones_are_forgotten() -> None:
    found = recognise({"board": b"a", "system": b"s"}, {"board": b"b"})
    assert (found.is_other, found.changed, found.keep) == (True, ("board",), {"board": b"b"})


def test_the_first_start_only_remembers() -> None:
    found = recognise(None, {"board": b"a"})
    assert (found.is_other, found.keep) == (False, {"board": b"a"})


@given(stored=FACTS, here=FACTS)
def test_what_cannot_be_read_differs_from_nothing(stored: dict[str, bytes], here: dict[str, bytes]) -> None:
    found = recognise(stored, here)
    known = stored.keys() & here.keys()
    judges = known - {"system"} or known
    assert found.is_other == any(stored[name] != here[name] for name in judges)
    assert found.keep == (here if found.is_other else {**stored, **here})
    assert not recognise(found.keep, here).is_other, "it is told once"
    assert not recognise(stored, {}).is_other
