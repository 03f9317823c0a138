"""The states of an import."""

from daemon.domain.import_job import NEXT, WORKING, State


def test_every_state_has_its_transitions_and_every_work_ends() -> None:
    assert set(NEXT) == set(State)
    assert all(NEXT[state] for state in WORKING)
    assert NEXT[State.UNDONE] == frozenset()
