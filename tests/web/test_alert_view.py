"""What stands over a record until it is answered."""

from dataclasses import replace

from daemon.desk.customer import Customer
from daemon.desk.customer_parts import Note
from daemon.web.alert_view import NOTES_MAX, alert_of

PAUL = Customer(id="0" * 16, person="0" * 16, kind="person", display_name="Paul Morel", version="v")


def note(text: str, *, show_at_till: bool = True, done: bool = False) -> Note:
    return Note(id=text, text=text, author="", written_at="", show_at_till=show_at_till, done=done)


def test_nothing_to_say_is_no_alert() -> None:
    quiet = (note("a", show_at_till=False), note("b", done=True))
    assert alert_of(PAUL) is None
    assert alert_of(replace(PAUL, notes=quiet)) is None


def test_notes_for_the_till_are_to_be_done_and_the_rest_is_counted() -> None:
    found = alert_of(replace(PAUL, notes=tuple(note(str(at)) for at in range(NOTES_MAX + 2))))
    assert found is not None
    assert (found.level, len(found.notes), found.more, found.name) == ("todo", NOTES_MAX, 2, "Paul Morel")


def test_a_block_comes_before_notes_and_says_why() -> None:
    found = alert_of(replace(PAUL, blocked=True, blocked_reason="impayés", notes=(note("a"),)))
    assert found is not None
    assert (found.level, found.reason, len(found.notes)) == ("blocked", "impayés", 1)


def test_nobody_in_particular_has_no_alert() -> None:
    assert alert_of(replace(PAUL, walk_in=True, blocked=True)) is None
