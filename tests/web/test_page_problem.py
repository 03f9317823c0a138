"""What a person is told when something was refused."""

import pytest

from daemon.errors import (
    ComptoirError,
    Conflicting,
    DeviceFault,
    Forbidden,
    NotFound,
    OperatorMistake,
    Outdated,
    OutOfReach,
    PeerFault,
    StoreFault,
    TooSoon,
)
from daemon.web.i18n import Words
from daemon.web.page_problem import sentence_of, status_of


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (NotFound("no customer has this id"), 404, "This is not here any more."),
        (Forbidden("the role x has not the right to y"), 403, "Your role does not allow this."),
        (Forbidden("customer: this customer is blocked"), 403, "This customer is blocked and cannot be chosen."),
        (TooSoon("later", wait_ms=1_500), 429, "Too many wrong tries: try again in 2\u00a0s."),
        (Outdated("changed"), 412, "This was changed meanwhile: here is how it stands now."),
        (Conflicting("busy"), 409, "This is not possible now: look at how it stands, then try again."),
        (
            Conflicting("visit: its sale was registered at another till: post it here too, or cancel the sale"),
            409,
            "Another till has registered this sale already: post it here too, or cancel the sale.",
        ),
        (OperatorMistake("wrong", field="q"), 422, "This cannot be done so."),
        (
            OperatorMistake("q: this is the number of a payment card, it is neither looked up nor kept", field="q"),
            422,
            "This is a payment card: it is neither looked up nor kept.",
        ),
        (DeviceFault("off"), 503, "The device does not answer: look at its cable and its paper."),
        (StoreFault("full"), 503, "The disk of this till refuses: nothing was saved. Call support."),
        (PeerFault("silent"), 502, "Head office could not answer."),
        (OutOfReach("cut"), 503, "Head office cannot be reached: the line is cut."),
    ],
)
def test_every_refusal_has_a_sentence_and_a_status(error: ComptoirError, status: int, sentence: str) -> None:
    assert (sentence_of(error, Words("en")), status_of(error)) == (sentence, status)
