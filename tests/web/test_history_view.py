"""A customer's history in words."""

import pytest

from daemon.desk.history import HistoryEvent
from daemon.web.history_view import rows_of
from daemon.web.i18n import Words

FR = Words("fr")


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"kind": "sale", "amount": 4120, "text": "T12", "site": 0}, ("Achat", "T12", "41,20\u00a0€", "Léa")),
        ({"kind": "points", "amount": 41, "book": "points"}, ("Points", "", "+41", "Léa")),
        ({"kind": "points", "amount": -500, "book": "points", "site": 1}, ("Points", "", "-500", "Léa · Siège")),
        (
            {"kind": "entry", "amount": 900, "book": "debt", "site": 13},
            ("Mouvement", "", "9,00\u00a0€", "Léa · Caisse 13"),
        ),
        ({"kind": "consent", "fields": ("sms",), "text": "refused"}, ("Accord", "SMS non", "", "Léa")),
        ({"kind": "edited", "fields": ("mobile", "email")}, ("Modifié", "Portable, E-mail", "", "Léa")),
        ({"kind": "merged", "text": "0f0f"}, ("Fusionné avec une autre fiche", "", "", "Léa")),
    ],
)
def test_each_event_says_what_how_much_and_who(event: dict[str, object], shown: tuple[str, ...]) -> None:
    given = {"at": "2025-10-09T08:00:00Z", "by": "Léa", "site": 12, **event}
    (row,) = rows_of([HistoryEvent(**given)], FR, 12)  # type: ignore[arg-type]  # the names of the test
    assert (row.title, row.text, row.amount, row.by) == shown
