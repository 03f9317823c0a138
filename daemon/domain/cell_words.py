"""Words that cells of spreadsheets hold, folded, and what they say: languages, civilities, yes and no, companies."""

from typing import Final

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
COMPANIES: Final = frozenset(
    ["company", "societe", "entreprise", "professionnel", "pro", "personne morale", "association"]
)
