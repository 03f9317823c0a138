"""One line of text: what cannot be seen, what is too long, what must not be kept."""

import pytest

from daemon.domain.plain_line import plain_line
from daemon.errors import OperatorMistake


def test_what_cannot_be_seen_becomes_a_space_and_spaces_collapse() -> None:
    assert plain_line("  Club\n\tor \x00 ", "label", 10) == "Club or"


@pytest.mark.parametrize(("typed", "sentence"), [("x" * 11, "more than 10"), ("4970100000000014", "payment card")])
def test_too_much_and_payment_cards_are_refused_by_field(typed: str, sentence: str) -> None:
    with pytest.raises(OperatorMistake, match=sentence) as refused:
        plain_line(typed, "label", 10 if len(typed) == 11 else 40)
    assert refused.value.field == "label"
