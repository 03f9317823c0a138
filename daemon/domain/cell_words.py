"""Words that cells of spreadsheets hold, folded, and what they say: languages, civilities, yes and no, companies."""

import re
from typing import Final, Literal

from daemon.domain.folding import fold
from daemon.errors import OperatorMistake

Consent = Literal["granted", "refused"]

LANGUAGES: Final = {
    **dict.fromkeys(("francais", "french"), "fr"),
    **dict.fromkeys(("anglais", "english"), "en"),
    **dict.fromkeys(("allemand", "german"), "de"),
    **dict.fromkeys(("espagnol", "spanish"), "es"),
    **dict.fromkeys(("italien", "italian"), "it"),
}
CIVILITIES: Final = {
    **dict.fromkeys(("m", "mr", "monsieur", "mister", "sir"), "M."),
    **dict.fromkeys(("mme", "mrs", "ms", "madame", "mlle", "mademoiselle", "miss"), "Mme"),
}
YES: Final = frozenset(
    ["1", "oui", "yes", "y", "o", "true", "vrai", "x", "granted", "accorde", "accepte", "subscribed", "abonne"]
)
NO: Final = frozenset(["0", "non", "no", "n", "false", "faux", "refused", "refuse", "unsubscribed", "desabonne"])
NPAI: Final = frozenset(["npai", "n habite pas a l adresse indiquee", "retour", "ko"])
"""What a column that marks bad addresses holds beside yes and no."""
COMPANIES: Final = frozenset(
    ["company", "societe", "entreprise", "professionnel", "pro", "personne morale", "association"]
)
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z]{2})?")


def language(text: str) -> str:
    """Two letters of a language; raises OperatorMistake."""
    match = _LANGUAGE.fullmatch(text.strip())
    language = LANGUAGES.get(fold(text)) or (match.group(1).lower() if match else "")
    if not language:
        raise OperatorMistake("write the language with two letters")
    return language


def consent(text: str) -> Consent | None:
    """Yes or no, None where it is not known; raises OperatorMistake."""
    said = fold(text)
    if said in YES:
        return "granted"
    if said in NO:
        return "refused"
    if said in {"", "unknown", "inconnu"}:
        return None
    raise OperatorMistake("write yes or no for a consent, or nothing when it is not known")


def is_marked(text: str) -> bool | None:
    """Whether mail to this customer came back, None where it did not; raises OperatorMistake."""
    said = fold(text)
    if said in YES or said in NPAI:
        return True
    if said in NO or said in {"", "ok"}:
        return None
    raise OperatorMistake("write yes or no for NPAI")
