"""What stands on the loyalty card and beside it."""

import pytest

from daemon.desk.customer import Customer
from daemon.desk.customer_parts import Card, Conflict, Consent, Consents, Note
from daemon.desk.print_shown import PrintJobShown
from daemon.web.customer_view import (
    consent_line,
    consent_rows,
    job_of,
    lost_values,
    name_lines,
    record_face,
    till_notes,
)
from daemon.web.i18n import Words


def customer(**fields: object) -> Customer:
    known = {
        "id": "a" * 16,
        "version": "b" * 16,
        "person": "a" * 16,
        "kind": "person",
        "display_name": "Sophie Lefèvre",
    }
    return Customer(**{**known, **fields})  # type: ignore[arg-type]  # the names of the test


def card(number: str, **fields: object) -> Card:
    known = {
        "id": "c" * 16,
        "medium": "",
        "state": "active",
        "blocked": False,
        "reason": None,
        "since": "",
        "by": "Yann",
    }
    return Card(number=number, **{**known, **fields})  # type: ignore[arg-type]  # the names of the test


def note(text: str, *, show: bool, done: bool = False) -> Note:
    return Note(id="d" * 16, text=text, author="Yann", written_at="", show_at_till=show, done=done)


def test_the_card_carries_the_first_good_number_as_the_badge_does() -> None:
    lost, blocked = card("2900000001", state="lost"), card("2900000002", blocked=True)
    face = record_face(
        customer(cards=(lost, blocked, card("2900042187005")), code="C1", created_at="2017-02-03T00:00:00Z")
    )
    assert (face.number, face.code, face.since) == ("2 900042 187005", "C1", "2017")
    assert face.bars is not None


def test_without_a_card_it_carries_the_code_and_without_a_code_nothing() -> None:
    assert record_face(customer(code="C004218")).number == "C004218"
    bare = record_face(customer())
    assert (bare.number, bare.bars) == ("", None)


@pytest.mark.parametrize(
    ("fields", "lines", "long"),
    [
        ({"first_name": "Sophie", "last_name": "Lefèvre"}, ("Sophie", "Lefèvre"), False),
        ({"last_name": "de La Rochefoucauld"}, ("de La Rochefoucauld",), True),
        ({"kind": "company", "display_name": "Atelier"}, ("Atelier",), False),
        ({}, ("Sophie Lefèvre",), False),
    ],
)
def test_a_name_is_set_in_lines_and_a_long_one_smaller(
    fields: dict[str, object], lines: tuple[str, ...], long: bool
) -> None:
    assert name_lines(customer(**fields)) == lines
    assert (record_face(customer(**fields)).is_long or long) == (long or len(max(lines, key=len)) > 14)


def test_the_line_of_consents_says_what_was_said_and_no_more() -> None:
    said = Consents(newsletter=Consent(state="granted", date="2025-06-02T08:00:00Z"), sms=Consent(state="refused"))
    assert consent_line(customer(consents=said), Words("fr")) == "Info-lettre oui, SMS non"
    assert consent_line(customer(), Words("en")) == ""
    rows = consent_rows(customer(consents=said))
    assert [row.channel for row in rows] == ["newsletter", "contests", "email", "sms", "phone", "post"]
    assert (rows[0].date_ms, rows[1].date_ms) == (1_748_851_200_000, 0)


def test_notes_of_the_till_are_those_to_be_seen_and_not_done() -> None:
    notes = (note("a", show=True), note("b", show=False), note("c", show=True, done=True))
    assert [one.text for one in till_notes(customer(notes=notes))] == ["a"]


def test_values_that_lost_are_told_the_newest_first() -> None:
    lost = (
        Conflict(field="mobile", value="+33639981234", at="2025-06-01T08:00:00Z", site=3, by="Yann"),
        Conflict(field="from a newer version", value="x", at="2025-06-02T08:00:00Z", site=4, by=""),
        Conflict(field="name", value="", at="", site=5, by=""),
    )
    assert [(one.label, one.value, one.site) for one in lost_values(customer(conflicts=lost))] == [
        ("from a newer version", "x", 4),
        ("Mobile", "06 39 98 12 34", 3),
    ]


def job(state: str, owner: str = "a" * 16, changed_at: str = "2025-06-02T08:00:00Z") -> PrintJobShown:
    return PrintJobShown(
        id="e" * 16,
        kind="badge",
        printer="counter",
        state=state,
        customer=owner,
        duplicata=False,
        hold=None,
        gesture=None,
        cause=None,
        asks_operator=False,
        requested_at=changed_at,
        changed_at=changed_at,
    )


def test_the_record_tells_of_its_own_last_job_while_it_is_open_or_newly_closed() -> None:
    changed_ms = 1_748_851_200_000
    assert job_of([job("queued", owner="f" * 16), job("held")], "a" * 16, since_ms=10**15) == job("held")
    assert job_of([job("printed")], "a" * 16, since_ms=changed_ms) == job("printed")
    assert job_of([job("printed")], "a" * 16, since_ms=changed_ms + 1) is None
    assert job_of([], "a" * 16, since_ms=0) is None
