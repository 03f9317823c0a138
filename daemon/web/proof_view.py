"""What a customer has shown of themselves, in the words of the screens. Pure."""

from dataclasses import dataclass
from typing import Final

from daemon.desk.proof_shown import VisitProof
from daemon.domain.proof import Proof, Worth
from daemon.errors import NotProved
from daemon.web.i18n import Words

PROVE, CHOOSE = "pin", "newpin"
"""Sections of the record that ask for a PIN in place of its tabs."""

_BY_PROOF: Final = {
    Proof.NAME: "With the name only: %(most)s at most in 24 hours.",
    Proof.CARD: "Card read: %(most)s at most in 24 hours.",
    Proof.PIN: "Secret code checked: %(most)s at most in 24 hours.",
}
_UNBOUND: Final = {
    Proof.NAME: "With the name only, nothing is limited.",
    Proof.CARD: "Card read.",
    Proof.PIN: "Secret code checked.",
}
_ASKED: Final = {
    "card": "Without the card, %(most)s at most in 24 hours: scan the customer's card.",
    "pin": "Without the secret code, %(most)s at most in 24 hours: the customer types it.",
    "new_pin": "Without a secret code, %(most)s at most in 24 hours: the customer chooses one.",
    "": "%(most)s at most in 24 hours, whatever is shown.",
}
_LINKS: Final = {
    PROVE: "Type the secret code",
    CHOOSE: "Choose a secret code",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofLine:
    """How the customer has proved who they are, and what may be done about it; `link` is a message id."""

    text: str
    section: str
    link: str


def line_of(found: VisitProof, words: Words) -> ProofLine:
    """One line under the labels."""
    most = next(one.most for one in found.limits if one.what is Worth.POINTS)
    text = words.text(_UNBOUND[found.proof])
    if most is not None:
        text = words.text(_BY_PROOF[found.proof], most=amount(Worth.POINTS, most, words))
    section = PROVE if found.pin == "set" and found.proof is not Proof.PIN else CHOOSE
    return ProofLine(text=text, section=section, link=_LINKS[section])


def sentence_of(refusal: NotProved, words: Words) -> str:
    """Why so much cannot be chosen, and what to do."""
    return words.text(_ASKED[refusal.asked], most=amount(Worth(refusal.worth), refusal.most, words))


def wrong(found: VisitProof, words: Words) -> str:
    """What to tell of a PIN that was not right."""
    if found.pin != "set":
        return words.text("Too many wrong tries: the customer must choose a new secret code.")
    return words.counted(
        "This is not the customer's secret code: %(num)s try is left.",
        "This is not the customer's secret code: %(num)s tries are left.",
        found.tries_left,
    )


def amount(worth: Worth, most: int, words: Words) -> str:
    """So much of something."""
    if worth is Worth.POINTS:
        return words.counted("%(num)s point", "%(num)s points", most)
    return words.counted("%(num)s coupon", "%(num)s coupons", most) if worth is Worth.COUPONS else words.euros(most)


def messages() -> tuple[str, ...]:
    """Every message id of this view."""
    return (*_BY_PROOF.values(), *_UNBOUND.values(), *_ASKED.values(), *_LINKS.values())
