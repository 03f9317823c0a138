"""What a person is told when something was refused: a sentence of the screens, never the program's own. Pure."""

from typing import Final

from daemon.errors import (
    ComptoirError,
    Conflicting,
    DeviceFault,
    Forbidden,
    NoAnswer,
    NotFound,
    OperatorMistake,
    Outdated,
    OutOfReach,
    PeerFault,
    StoreFault,
    TooSoon,
    Unidentified,
)
from daemon.web.i18n import Words
from daemon.web.problems import KINDS

_BY_CLASS: Final[tuple[tuple[type[ComptoirError], str], ...]] = (
    # The first that fits; subclasses stand before what they refine.
    (Unidentified, "Name and PIN do not go together."),
    (Forbidden, "Your role does not allow this."),
    (NotFound, "This is not here any more."),
    (Outdated, "This was changed meanwhile: here is how it stands now."),
    (Conflicting, "This is not possible now: look at how it stands, then try again."),
    (OperatorMistake, "This cannot be done so."),
    (OutOfReach, "Head office cannot be reached: the line is cut."),
    (NoAnswer, "Head office did not answer in time: try again."),
    (PeerFault, "Head office could not answer."),
    (DeviceFault, "The device does not answer: look at its cable and its paper."),
    (StoreFault, "The disk of this till refuses: nothing was saved. Call support."),
)
_ANY: Final = "Something went wrong; nothing was changed."

_BY_SENTENCE: Final = {
    "printer: no printer is configured at this till": "This till has no badge printer.",
    "no printer is configured at this till": "This till has no badge printer.",
    "the customer has neither a good card nor a code to print": "There is neither a good card nor a code to print.",
    "this screen is not known yet: log in with a PIN once, then badges do": (
        "Log in with your PIN this time: from then on your badge is enough at this screen."
    ),
    "the badge was not scanned for this screen alone: scan it again, or log in with a PIN": (
        "Your badge could not log you in here: scan it again, or use your PIN."
    ),
    "no operator has this badge": "Nobody has this badge.",
    "the walk-in customer has no badge": "The walk-in customer has no badge.",
    "no walk-in customer was chosen for this shop: set it up first": "No walk-in customer was chosen for this shop.",
    "visit: its sale was registered at another till: post it here too, or cancel the sale": (
        "Another till has registered this sale already: post it here too, or cancel the sale."
    ),
    "customer: this customer is blocked": "This customer is blocked and cannot be chosen.",
    "product: the catalogue has no article of this code": "The catalogue has no article of this code.",
    "product: scan an article, or type its code": "Scan an article, or type its code.",
    "product: scan an article, or give a label": "Scan an article, or type what it is.",
    "price: this is not an amount": "This is not an amount: type it as 12,50, or as 10 %.",
    "discount: this is not an amount": "This is not a discount: type it as 10 or 2,5.",
    "amount: this is not an amount": "This is not an amount: type it as 12,50.",
    "quantity: this is not a number of pieces": "This is not a number of pieces.",
    "number: this card belongs to another customer": "This card belongs to another customer.",
    "the walk-in customer has no cards, notes, tags and further addresses": (
        "The walk-in customer has no cards and no notes."
    ),
    **{f"q: head office asks for at least {least} characters": "Type a few more letters." for least in range(2, 6)},
}
"""Refusals of the desks that deserve better than their class."""


def sentence_of(error: ComptoirError, words: Words) -> str:
    """What to tell a person."""
    if isinstance(error, TooSoon):
        return words.text(
            "Too many wrong tries: try again in %(wait)s.", wait=words.duration(-(-error.wait_ms // 1000))
        )
    if isinstance(error, OperatorMistake) and error.field in {"q", "code", "number"} and "payment card" in str(error):
        return words.text("This is a payment card: it is neither looked up nor kept.")
    known = _BY_SENTENCE.get(str(error))
    if known is not None:
        return words.text(known)
    return words.text(next((sentence for cls, sentence in _BY_CLASS if isinstance(error, cls)), _ANY))


def details_of(error: ComptoirError) -> str:
    """What support asks for, of a refusal that no sentence of its own explains: its name and the program's words."""
    return "" if str(error) in _BY_SENTENCE or isinstance(error, TooSoon) else f"{type(error).__name__}: {error}"


def status_of(error: ComptoirError) -> int:
    """The status of a page that says so."""
    return next(status for cls, status, _, _ in KINDS if isinstance(error, cls))


def messages() -> tuple[str, ...]:
    """Every message id that a refusal may show."""
    return (*(sentence for _, sentence in _BY_CLASS), *_BY_SENTENCE.values(), _ANY)
