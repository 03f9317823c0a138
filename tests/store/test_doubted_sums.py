"""Sums are counted again only against rows that are all sound."""

from daemon.store.doubted_sums import DoubtedSums

ANNE, BRUNO = b"anne....", b"bruno..."


def test_sums_that_are_wrong_twice_are_counted_again() -> None:
    sums = DoubtedSums()
    assert not sums.wrong(ANNE)
    sums.through()
    assert (sums.wrong(ANNE), sums.wrong(BRUNO)) == (True, False)


def test_a_damaged_row_anywhere_in_either_look_puts_it_off() -> None:
    sums = DoubtedSums()
    sums.wrong(ANNE)
    sums.damaged()
    sums.through()
    assert not sums.wrong(ANNE), "the row may have been one of theirs"
    sums.through()
    sums.damaged()
    assert not sums.wrong(ANNE)
    sums.through()
    assert not sums.wrong(ANNE)
    sums.through()
    assert sums.wrong(ANNE)


def test_sums_that_were_right_in_between_are_doubted_anew() -> None:
    sums = DoubtedSums()
    sums.wrong(ANNE)
    sums.through()
    sums.through()
    assert not sums.wrong(ANNE)
