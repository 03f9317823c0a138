"""What the demo says, in English and in French: a key and its facts are sent, the sentence is made where it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from daemon.errors import OperatorMistake

Language = Literal["en", "fr"]

_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # While it starts, and what happens by itself.
    "filling": ("Customers", "Clients"),
    "joining": ("{name} joins the chain", "{name} rejoint l'enseigne"),
    "catching_up": ("{name} catches up", "{name} se met à jour"),
    "caught_up": (
        "Every till has all customers, after {seconds} s.",
        "Chaque caisse a tous les clients, après {seconds} s.",
    ),
    "more_already": (
        "There are {customers} customers already: they stay. For fewer, start with --fresh.",
        "Il y a déjà {customers} clients : ils restent. Pour en avoir moins, lancez avec --fresh.",
    ),
    "ended": ("{name} is down; it is started again in 3 s", "{name} ne tourne plus ; redémarrage dans 3 s"),
    "is_back": ("{name} is back, ready after {seconds} s", "{name} tourne de nouveau, après {seconds} s"),
    "printed": ("{name} has printed a badge: {path}", "{name} a imprimé un badge : {path}"),
    "stopping": ("Stopping…", "Arrêt…"),
    "stopped": (
        "Everything has stopped. The same command goes on from here; --fresh starts anew.",
        "Tout est arrêté. La même commande reprend ici ; --fresh repart de zéro.",
    ),
    # What the commands answer.
    "tapped": ("{name} has read {code}", "{name} a lu {code}"),
    "tap_customer": ("→ {customer}   {address}", "→ {customer}   {address}"),
    "tap_outcome": ("→ {outcome}: {reason}", "→ {outcome} : {reason}"),
    "tap_unheard": (
        "→ the till says nothing: does it run? comptoir demo status",
        "→ la caisse ne dit rien : tourne-t-elle ? comptoir demo status",
    ),
    "outcome_unknown": ("unknown card", "carte inconnue"),
    "outcome_choose": ("a card of several customers", "carte de plusieurs clients"),
    "outcome_operator": ("an operator's badge", "badge d'un opérateur"),
    "outcome_product": ("a product", "un produit"),
    "outcome_blocked": ("blocked card", "carte bloquée"),
    "outcome_refused": ("refused", "refusé"),
    "reason_check_digit": ("a wrong check digit", "clé de contrôle fausse"),
    "reason_payment_card": ("a payment card", "carte de paiement"),
    "reason_lost": ("lost", "perdue"),
    "reason_replaced": ("replaced", "remplacée"),
    "cut": (
        "{name} is cut off from head office: it goes on serving, and keeps what it has to send.",
        "{name} est coupée du siège : elle continue à servir et garde ce qu'elle doit envoyer.",
    ),
    "silent": (
        "Nothing passes between {name} and head office; the connection looks as if it stood.",
        "Plus rien ne passe entre {name} et le siège ; la connexion a l'air de tenir.",
    ),
    "healed": ("The line of {name} stands again.", "La ligne de {name} est rétablie."),
    "linked": (
        "{name} speaks with head office again after {seconds} s; nothing waits.",
        "{name} parle de nouveau au siège après {seconds} s ; rien n'attend.",
    ),
    "not_linked": (
        "{name} is not back within {seconds} s: comptoir demo status",
        "{name} n'est pas revenue en {seconds} s : comptoir demo status",
    ),
    "paper_out": ("The printer of {name} has no paper.", "L'imprimante de {name} n'a plus de papier."),
    "paper_in": ("The printer of {name} has paper.", "L'imprimante de {name} a du papier."),
    "cover_opened": ("The printer of {name} is open.", "Le capot de l'imprimante de {name} est ouvert."),
    "cover_closed": ("The printer of {name} is closed.", "Le capot de l'imprimante de {name} est fermé."),
    "badge_wanted": ("{name} is asked for a badge of {customer}", "Badge de {customer} demandé à {name}"),
    "badge_state": ("→ {state}", "→ {state}"),
    "badge_held": (
        "→ held: {hold}. It is printed by itself once the printer is ready.",
        "→ en attente : {hold}. Il s'imprimera seul dès que l'imprimante sera prête.",
    ),
    "state_queued": ("queued", "en file"),
    "state_sending": ("being sent", "en cours d'envoi"),
    "state_sent": ("sent, not yet confirmed", "envoyé, pas encore confirmé"),
    "state_printed": ("printed", "imprimé"),
    "state_unknown": (
        "interrupted: the page of the till asks whether it came out",
        "interrompu : la page de la caisse demande s'il est sorti",
    ),
    "state_cancelled": ("given up", "abandonné"),
    "hold_paper_out": ("no paper", "plus de papier"),
    "hold_cover_open": ("the cover is open", "le capot est ouvert"),
    "hold_absent": ("the printer is off", "l'imprimante est éteinte"),
    "hold_silent": ("the printer does not answer", "l'imprimante ne répond pas"),
    "hold_fault": ("the printer reports a fault", "l'imprimante signale une panne"),
    "killed": ("{name} is killed (process {pid})", "{name} : processus {pid} tué"),
    "back": (
        "{name} is back after {seconds} s; nothing that was answered is lost.",
        "{name} est de retour après {seconds} s ; rien de ce qui fut confirmé n'est perdu.",
    ),
    "runs_already": ("{name} runs already.", "{name} tourne déjà."),
    "conflict_written": (
        "{name}, cut off: {operator} notes {value} for {customer}",
        "{name}, coupée : {operator} note {value} pour {customer}",
    ),
    "conflict_healed": ("The lines stand again…", "Les lignes sont rétablies…"),
    "conflict_settled": (
        "Everywhere after {seconds} s: {winner}. Kept as the value that lost: {loser}, noted by {operator}.",
        "Partout après {seconds} s : {winner}. Conservé comme valeur écartée : {loser}, noté par {operator}.",
    ),
    "conflict_where": ("{address}", "{address}"),
    "conflict_late": (
        "Not settled within {seconds} s: comptoir demo status",
        "Non réglé en {seconds} s : comptoir demo status",
    ),
    # Mistakes.
    "no_demo": (
        "no demo runs in {directory}: start it with `make demo`, or name its directory with --directory",
        "aucune démo ne tourne dans {directory} : lancez-la par `make demo`, ou nommez son dossier par --directory",
    ),
    "demo_hung_up": ("the demo has stopped", "la démo s'est arrêtée"),
    "no_such": ("there is no {name} here; there are {known}", "il n'y a pas de {name} ici ; il y a {known}"),
    "till_down": (
        "{name} does not run: comptoir demo start {name}",
        "{name} ne tourne pas : comptoir demo start {name}",
    ),
    "no_customer": ("nobody has the card {code}", "personne n'a la carte {code}"),
    "too_few": ("a demo has at least {count} customers", "une démo a au moins {count} clients"),
    "said_by": ("{name}: {sentence}", "{name} : {sentence}"),
    # The first screen.
    "title": (
        "{chain}: {customers} customers, {shops} shops, {tills} tills and head office, all on this machine.",
        "{chain} : {customers} clients, {shops} magasins, {tills} caisses et le siège, tout sur cette machine.",
    ),
    "pages": ("Open in a browser", "À ouvrir dans un navigateur"),
    "head_office": ("head office", "siège"),
    "operators": ("Log in as", "Se connecter comme"),
    "role_manager": ("manager", "responsable"),
    "role_cashier": ("cashier", "vendeur"),
    "five": (
        "Five things to try, from another terminal in this directory",
        "Cinq choses à essayer, depuis un autre terminal dans ce dossier",
    ),
    "try_tap": ("Tap a card", "Passer une carte"),
    "try_tap_more": (
        "{first}'s record opens on the page of {till}",
        "la fiche de {first} s'ouvre sur la page de {till}",
    ),
    "try_cut": ("Edit offline", "Modifier hors ligne"),
    "try_cut_more": (
        "change a telephone on the page, then heal it and look at {other}",
        "changez un téléphone sur la page, puis rétablissez et regardez {other}",
    ),
    "try_conflict": ("Make a conflict", "Créer un conflit"),
    "try_conflict_more": (
        "two tills cut off, one customer, two telephones",
        "deux caisses coupées, un client, deux téléphones",
    ),
    "try_badge": ("Print a badge", "Imprimer un badge"),
    "try_badge_more": (
        "or “Imprimer le badge” on a record; then once more without paper",
        "ou « Imprimer le badge » sur une fiche ; puis encore une fois sans papier",
    ),
    "try_kill": ("Kill a till", "Tuer une caisse"),
    "try_kill_more": (
        "as a power cut would; it is back in seconds and has lost nothing",
        "comme une coupure de courant ; elle revient en secondes et n'a rien perdu",
    ),
    "status_hint": ("How everything stands: {command}", "Où en est tout : {command}"),
    "files": ("Journals, tokens and printed badges: {directory}", "Journaux, jetons et badges imprimés : {directory}"),
    "ctrl_c": ("Ctrl-C stops everything.", "Ctrl-C arrête tout."),
    # The table of `status`: a row is drawn, never spoken.
    "row": ("{name}", "{name}"),
    "column_name": ("", ""),
    "column_shop": ("Shop", "Magasin"),
    "column_state": ("State", "État"),
    "column_line": ("Line", "Ligne"),
    "column_online": ("Linked", "Reliée"),
    "column_waiting": ("To send", "À envoyer"),
    "column_offset": ("Records", "Actions"),
    "column_equal": ("Equal", "Égal"),
    "column_memory": ("Memory", "Mémoire"),
    "column_printer": ("Printer", "Imprimante"),
    "column_address": ("Page", "Page"),
    "state_starting": ("starting", "démarre"),
    "state_ready": ("runs", "tourne"),
    "state_ended": ("down", "en panne"),
    "state_stopped": ("stopped", "arrêté"),
    "line_open": ("open", "ouverte"),
    "line_cut": ("cut", "coupée"),
    "line_silent": ("silent", "muette"),
    "printer_ready": ("ready", "prête"),
    "printer_no_paper": ("no paper", "sans papier"),
    "printer_open": ("open", "ouverte"),
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
    # Help.
    "help_demo": (
        "A whole small chain on this machine: broker, head office, three tills with scanners and printers.",
        "Une petite enseigne entière sur cette machine : courtier, siège, trois caisses avec lecteurs et imprimantes.",
    ),
    "options": ("options", "options"),
    "help_help": ("show this help and end", "afficher cette aide et finir"),
    "help_customers": ("how many customers ({default})", "combien de clients ({default})"),
    "help_directory": ("where it keeps its files ({default})", "où elle garde ses fichiers ({default})"),
    "help_fresh": ("forget what was there and start anew", "oublier ce qui était là et repartir de zéro"),
    "help_json": ("answer as JSON, one object a line", "répondre en JSON, un objet par ligne"),
    "help_commands": ("while it runs, from another terminal", "pendant qu'elle tourne, depuis un autre terminal"),
    "help_tap": (
        "tap a card at a till (without CODE: that of the first screen)",
        "passer une carte (sans CODE : celle du premier écran)",
    ),
    "help_badge": ("have a badge printed at a till", "faire imprimer un badge à une caisse"),
    "help_cut": ("cut a till off from head office", "couper une caisse du siège"),
    "help_silent": (
        "let nothing pass, but leave the connection standing",
        "ne rien laisser passer, mais garder la connexion",
    ),
    "help_heal": ("connect it again", "la relier de nouveau"),
    "help_conflict": ("have two tills cut off edit one customer", "faire modifier un client par deux caisses coupées"),
    "help_paper-out": ("take the paper out of its printer", "retirer le papier de son imprimante"),
    "help_paper-in": ("put paper in", "remettre du papier"),
    "help_cover-open": ("open its printer", "ouvrir son imprimante"),
    "help_cover-close": ("close it", "la refermer"),
    "help_kill": (
        "kill a till, siege or broker as a power cut would; it comes back after 3 s",
        "tuer une caisse, siege ou broker comme une coupure de courant ; retour après 3 s",
    ),
    "help_start": ("start it now rather than after 3 s", "la démarrer tout de suite"),
    "help_status": ("how everything stands", "où en est tout"),
    "see": ("see: {command} --help", "voir : {command} --help"),
    "till": ("TILL", "CAISSE"),
    "name": ("NAME", "NOM"),
    "command": ("COMMAND", "COMMANDE"),
}
"""By key: English, French. A test holds both to the same facts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One thing to say."""

    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def said(key: str, /, **facts: Any) -> Said:
    """Something to say, with what stands in its braces."""
    assert key in SENTENCES, key
    return Said(key=key, facts=facts)


class Refused(OperatorMistake):
    """A command that cannot be carried out; `said` is why, in every language."""

    def __init__(self, why: Said) -> None:
        super().__init__(Speech("en").of(why))
        self.said = why


class Speech:
    """Says things in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._at = 1 if language == "fr" else 0

    def __call__(self, key: str, /, **facts: Any) -> str:
        """A sentence with its facts; numbers as the language writes them."""
        return SENTENCES[key][self._at].format(**{name: self._shown(name, fact) for name, fact in facts.items()})

    def of(self, one: Said) -> str:
        """The sentence of something said elsewhere."""
        return self(one.key, **one.facts)

    def figure(self, number: int) -> str:
        """1 843 in French (narrow no-break space), 1,843 in English."""
        text = f"{number:,}"
        return text.replace(",", "\u202f") if self.language == "fr" else text

    def _shown(self, name: str, fact: Any) -> Any:
        """Numbers as the language writes them; a word of the daemon's, such as `paper_out`, in words of its own."""
        if f"{name}_{fact}" in SENTENCES:
            return self(f"{name}_{fact}")
        if isinstance(fact, float):
            text = f"{fact:.1f}"
            return text.replace(".", ",") if self.language == "fr" else text
        return self.figure(fact) if type(fact) is int else fact


def language_of(environ: Mapping[str, str]) -> Language:
    """The language of the locale: French where it names it, English otherwise."""
    named = next((environ[name] for name in _VARIABLES if environ.get(name)), "")
    return "fr" if named.partition("_")[0].partition(".")[0].lower() == "fr" else "en"
