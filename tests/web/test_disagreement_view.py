"""How two values that met are told apart in few letters, and what fields are called."""

import pytest

from daemon.desk.provenance import FieldStory, Said, Why
from daemon.web.disagreement_view import apart, met_of, told_of
from daemon.web.i18n import Words

FR = Words("fr")


def said(value: str | None, *, site: int = 12, till: str = "", by: str = "Léa") -> Said:
    return Said(id=f"{site}", value=value, by=by, site=site, shop=7, till=till, at="2025-10-09T08:00:00Z")


def story(field: str, standing: Said, *lost: Said, part: str = "customer", replaced: Said | None = None) -> FieldStory:
    return FieldStory(
        field=field, part=part, member=None, standing=standing, before="known", replaced=replaced, lost=tuple(lost)
    )


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("06 39 98 00 90", "06 39 98 00 09", ("…90", "…09")),
        ("Nantes", "Brest", ("Nantes", "Brest")),
        ("8 rue Kervégan, Nantes", "3 quai de la Fosse, Nantes", ("8 rue Kervégan,…", "3 quai de la Fo…")),
        ("", "x", ("", "x")),
    ],
)
def test_two_values_are_cut_where_they_begin_to_differ(one: str, other: str, shown: tuple[str, str]) -> None:
    assert apart(one, other) == shown


def test_what_met_says_where_each_value_was_said_and_this_till_is_here() -> None:
    why = Why(
        customer="a", fields=(story("mobile", said("+33639980090"), said("+33639980009", site=13, till="Rennes")),)
    )
    (met,) = met_of(why, FR, 12)
    assert (met.label, met.standing.where, met.lost.where) == ("Portable", "", "Rennes")
    assert (met.standing.value, met.standing.short, met.lost.short) == ("06 39 98 00 90", "…90", "…09")
    (other,) = met_of(why, FR, 13)
    assert (other.standing.where, other.lost.where) == ("Caisse 12", "")


def test_values_are_told_in_words_and_what_only_the_program_reads_is_left_out() -> None:
    why = Why(
        customer="a",
        fields=(
            story("consent_sms", said("refused")),
            story("blocked", said("yes: impayé")),
            story("birthday", said("1980 5 17")),
            story("account", said("0f")),
            story("since", said("176"), part="card"),
            story("number", said("2900"), part="card", replaced=said(None)),
            story("email", said(None)),
        ),
    )
    told = {row.label: row.standing.value for row in told_of(why, FR, 12)}
    assert told == {"SMS": "non", "Bloqué": "oui : impayé", "Anniversaire": "17 mai 1980", "Carte": "2900"}
