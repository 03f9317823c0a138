"""Which field of a customer a column of a spreadsheet holds: headings compared folded, by their synonyms.

Files of known systems are told by their fingerprints (`foreign_systems`); here are the words that shops use in files
of their own.
"""

import re
from typing import Final

from daemon.domain.folding import fold

FULL_NAME: Final = "full_name"
"""First and last name in one cell; split with care."""
SIREN: Final = "siren"
"""A column so headed may hold whole SIRETs."""

_SYNONYMS: Final = {
    "kind": "kind|type|type de client|type client|customer type|type de société|company type",
    "civility": "civilité|titre|title|titre de civilité|salutation",
    "first_name": "prénom|prénoms|first name|firstname|given name|forename",
    "last_name": "nom|nom de famille|last name|lastname|surname|family name",
    FULL_NAME: "name|full name|nom complet|nom et prénom|nom prénom|customer name",
    "company_name": "société|entreprise|raison sociale|nom de société|nom société|company|company name"
    "|organisation|organization",
    "siret": "siret|n° siret|no siret|numéro siret|numéro de siret",
    SIREN: "siren|n° siren|numéro siren",
    "vat_number": "tva|n° tva|no tva|n° de tva|numéro de tva|numéro tva|tva intracommunautaire"
    "|n° tva intracommunautaire|n° de tva intracommunautaire|numéro de tva intracommunautaire|vat|vat no|vat number",
    "code": "code client|code|référence|référence client|réf|client code|customer code|n° client|no client"
    "|numéro client|numéro de client",
    "email": "email|e-mail|mail|courriel|adresse e-mail|adresse mail|adresse email|adresse électronique"
    "|email address|e-mail address|customer email|customer e-mail",
    "mobile": "mobile|portable|gsm|tél portable|téléphone portable|téléphone mobile|tél mobile|mobile phone"
    "|cell|cell phone|cellphone|n° de portable|mobile number",
    "phone": "tél|téléphone|phone|phone number|tél fixe|téléphone fixe|fixe|tel 1|téléphone 1|n° de téléphone"
    "|numéro de téléphone|landline",
    "address.line1": "adresse|adresse 1|adresse ligne 1|address|address 1|address line 1|rue|n° et rue|voie"
    "|street|street 1|street address|street address 1|postal address",
    "address.line2": "adresse 2|adresse ligne 2|complément|complément d'adresse|complément adresse|address 2"
    "|address line 2|rue 2|street 2|street address 2",
    "address.postal_code": "cp|code postal|zip|zip code|zipcode|postcode|post code|postal code|npa",
    "address.city": "ville|commune|city|localité|town",
    "address.country": "pays|country|code pays|country code",
    "birthday": "anniversaire|date de naissance|date naissance|naissance|né le|né(e) le|birthday|dob|birth date"
    "|birthdate|date of birth",
    "language": "langue|language|lang|locale",
    "member_number": "n° adhérent|n° d'adhérent|numéro adhérent|numéro d'adhérent|adhérent|n° de membre"
    "|n° membre|numéro de membre|member number|membership number",
    "groups": "groupe|groupes|groupe client|groupe de clients|groupes de clients|group|groups|customer group"
    "|customer groups",
    "npai": "npai|retour npai|undeliverable",
    "bad_address": "adresse npai|courrier revenu|undeliverable address|bad address",
    "tags": "étiquettes|étiquette|tags|tag|mots-clés|labels",
    "note": "note|notes|commentaire|commentaires|comment|comments|memo|remarque|remarques|observation"
    "|observations|customer note",
    "cards": "carte|cartes|n° carte|n° de carte|no carte|numéro de carte|carte de fidélité|n° carte de fidélité"
    "|badge|badges|n° de badge|code-barres|code barre|card|cards|card number|loyalty card|barcode",
    "points": "points|solde points|solde de points|points fidélité|points de fidélité|loyalty balance|points balance"
    "|loyalty points|total points",
    "points_added": "loyalty adjustment|points à ajouter|points ajoutés|points to add",
    "store_credit": "avoir|avoirs|solde avoir|solde avoirs|solde d'avoir|crédit magasin|store credit"
    "|store credit balance",
    "gift_card": "carte cadeau|n° carte cadeau|numéro de carte cadeau|gift card|gift card number",
    "gift_balance": "solde carte cadeau|montant carte cadeau|gift card balance|gift card amount",
    "credit_note": "n° avoir|n° d'avoir|numéro d'avoir|credit note|credit note number",
    "credit_note_balance": "montant avoir|montant d'avoir|reste avoir|credit note balance|credit note amount",
    "source_id": "id client|identifiant|identifiant client|customer id|external id|id externe",
    "consents.newsletter": "newsletter|lettre d'information|lettre d'informations|infolettre|news",
    "consents.contests": "jeux|jeux concours|concours|contests",
    "consents.email": "accord e-mail|consentement e-mail|optin e-mail|opt-in e-mail|accepts email marketing"
    "|accepts marketing|email consent",
    "consents.sms": "accord sms|consentement sms|optin sms|opt-in sms|accepts sms marketing|sms consent|sms",
    "consents.phone": "accord téléphone|consentement téléphone|optin téléphone|opt-in téléphone|phone consent",
    "consents.post": "accord courrier|consentement courrier|optin courrier|opt-in courrier|accord postal"
    "|post consent|postal consent",
}

_NEVER: Final = "passwords are never imported"
_LEFT_OUT: Final = {
    "password|mot de passe|mdp|passwd|user_pass": _NEVER,
    "solde|balance|account balance|solde client|solde compte": "who owes whom cannot be told from a balance",
}

_REMARK: Final = re.compile(r"\([^)]*\)")


def field_of(heading: str) -> str | None:
    """The API name of the field (`address.city`, `consents.sms`; FULL_NAME, SIREN), or None for unknown words."""
    return _FIELDS.get(key_of(heading, remarks=True)) or _FIELDS.get(key_of(heading))


def why_left_out(heading: str) -> str:
    """The sentence for a column that names no field."""
    return _REASONS.get(key_of(heading), "no field of a customer has this heading")


def is_secret(heading: str) -> bool:
    """Whether a column holds passwords: it is never even looked at."""
    return _REASONS.get(key_of(heading)) == _NEVER


def key_of(heading: str, *, remarks: bool = False) -> str:
    """A heading as it is compared: case, accents, signs and (unless `remarks`) what stands in brackets left out."""
    return fold(heading if remarks else _REMARK.sub(" ", heading)).replace(" ", "")


_FIELDS: Final = {key_of(word, remarks=True): field for field, words in _SYNONYMS.items() for word in words.split("|")}
_REASONS: Final = {key_of(word): reason for words, reason in _LEFT_OUT.items() for word in words.split("|")}
