"""The systems whose spreadsheets are known: told by four headings of their own, each column with what it holds.

Headings were seen in those systems' documents, templates and public importers. A column of a known system that is
not listed is looked up among the words that any shop uses (`headings`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from daemon.domain.headings import FULL_NAME, SIREN, key_of

FINGERPRINT: Final = 4
"""So many distinctive headings tell a system."""

OTHER: Final = "other"
"""A second address: `other.line1` and so on, beside `address.line1`."""

LeaveOut = Literal["left_out"]
LEFT_OUT: Final = "left_out"
"""A column of a known system that holds nothing of ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """One kind of file. `adds_to`: its lines are addresses of customers that `adds_to` names, and create nobody.

    `marks`: distinctive headings, by key. `month_first`: a birthday without a year is written month and day there.
    """

    name: str
    title: str
    marks: frozenset[str]
    columns: Mapping[str, str] = field(repr=False)
    adds_to: str = ""
    month_first: bool = False

    @property
    def source(self) -> str:
        """Who gave the ids of its lines: two files of one shop speak of the same customers."""
        return self.adds_to or self.name


def _system(
    name: str, title: str, marks: str, columns: Mapping[str, str], *, adds_to: str = "", month_first: bool = False
) -> System:
    table = {key_of(word): field_ for field_, words in columns.items() for word in words.split("|")}
    found = frozenset(key_of(mark) for mark in marks.split("|"))
    return System(name=name, title=title, marks=found, columns=table, adds_to=adds_to, month_first=month_first)


SYSTEMS: Final = (
    _system(
        "prestashop",
        "PrestaShop, customers",
        "titles id|opt-in|partner offers|registration date|groups|default group id|news|opt|enabled|registration"
        "|last visit|offres partenaires|dernière visite|inscription|titre de civilité|activé",
        {
            "source_id": "customer id|id",
            "active": "active|enabled|activé|actif",
            "civility": "titles id|title|titre de civilité|titre",
            "email": "email|email address|adresse e-mail",
            "birthday": "birthday|birth date",
            "last_name": "last name|nom",
            "first_name": "first name|prénom",
            "consents.newsletter": "newsletter|news|lettre d'informations",
            "groups": "groups|groupes|groupe",
            LEFT_OUT: "opt-in|opt|partner offers|offres partenaires|registration date|registration|inscription"
            "|default group id|age|âge|last visit|dernière visite|ventes|sales",
        },
    ),
    _system(
        "prestashop-addresses",
        "PrestaShop, addresses",
        "address id|alias|customer e-mail|customer id|manufacturer|supplier|vat number|dni|zipcode|mobile phone",
        {
            "source_id": "customer id|id client",
            "email": "customer e-mail|e-mail du client",
            "address.label": "alias",
            "company_name": "company|société",
            "address.line1": "address 1|address|adresse",
            "address.line2": "address 2|adresse 2",
            "address.postal_code": "zipcode|code postal",
            "address.city": "city|ville",
            "address.country": "country|pays",
            "phone": "phone|téléphone",
            "mobile": "mobile phone|mobile",
            "vat_number": "vat number|n° tva",
            LEFT_OUT: "address id|active|actif|manufacturer|supplier|lastname|firstname|state|other|dni|nom|prénom",
        },
        adds_to="prestashop",
    ),
    _system(
        "shopify",
        "Shopify, customers",
        "accepts email marketing|accepts marketing|accepts sms marketing|total spent|total orders|tax exempt"
        "|default address address1|default address zip|province code",
        {
            "source_id": "customer id",
            "company_name": "default address company|company",
            "address.line1": "default address address1|address1",
            "address.line2": "default address address2|address2",
            "address.city": "default address city|city",
            "address.country": "default address country code|country code",
            "address.postal_code": "default address zip|zip",
            "phone": "phone",
            "other_phone": "default address phone",
            "consents.email": "accepts email marketing|accepts marketing",
            "consents.sms": "accepts sms marketing",
            LEFT_OUT: "default address province code|province|province code|country|total spent|total orders"
            "|tax exempt",
        },
    ),
    _system(
        "square",
        "Square, customers",
        "reference id|square customer id|creation source|first visit|last visit|transaction count|lifetime spend"
        "|email subscription status|instant profile|blocked from online booking",
        {
            "source_id": "square customer id",
            "code": "reference id",
            "first_name": "first name|given name",
            "last_name": "last name|family name|surname",
            "consents.email": "email subscription status",
            "address.line1": "street address 1|street address",
            "address.line2": "street address 2",
            "note": "memo",
            LEFT_OUT: "nickname|state|creation source|first visit|last visit|transaction count|lifetime spend"
            "|instant profile|blocked from online booking",
        },
        month_first=True,
    ),
    _system(
        "woocommerce",
        "WooCommerce, customers",
        "username|last active|sign up|orders|total spend|aov|country / region|user_email|billing_first_name"
        "|billing_postcode|shipping_postcode|billing_address_1",
        {
            "source_id": "user id|customer id|id",
            FULL_NAME: "name|nom",
            "email": "email|user_email|e-mail|billing_email",
            "first_name": "first_name|billing_first_name",
            "last_name": "last_name|billing_last_name",
            "company_name": "billing_company",
            "phone": "billing phone|billing_phone",
            "other_phone": "shipping phone|shipping_phone",
            "address.line1": "billing_address_1",
            "address.line2": "billing_address_2",
            "address.postal_code": "postal code|billing_postcode|code postal",
            "address.city": "city|billing_city|ville",
            "address.country": "country / region|billing_country|pays / région",
            f"{OTHER}.line1": "shipping_address_1",
            f"{OTHER}.line2": "shipping_address_2",
            f"{OTHER}.postal_code": "shipping_postcode",
            f"{OTHER}.city": "shipping_city",
            f"{OTHER}.country": "shipping_country",
            LEFT_OUT: "username|last active|sign up|orders|total spend|aov|region|role|user_login|user_registered"
            "|display_name|roles|billing_state|shipping_state|shipping_first_name|shipping_last_name|shipping_company",
        },
    ),
    _system(
        "odoo",
        "Odoo, contacts",
        "company type|type de société|related company|société liée|address type|company_type|parent_id|state_id"
        "|country_id|category_id|street2|rue 2|étiquettes|supplier|is_company|code-barres",
        {
            "source_id": "id|external id|id externe",
            FULL_NAME: "name|nom|complete name",
            "kind": "company type|type de société|company_type|is_company|is a company",
            "parent": "related company|société liée|parent_id|parent_id/id|parent id|parent_id/name",
            "is_customer": "customer|is a customer|est un client",
            "address.line1": "street|rue",
            "address.line2": "street2|rue 2|rue2",
            "address.postal_code": "zip|code postal",
            "address.country": "country|pays|country_id|country_id/code",
            "code": "ref|reference|référence",
            "cards": "barcode|code-barres|code barre",
            "vat_number": "vat|tax id|n° tva",
            "tags": "category_id|tags|étiquettes|category_id/name",
            "language": "lang|language|langue",
            "note": "comment|notes",
            LEFT_OUT: "supplier|address type|type d'adresse|state|state_id|région|website|site web",
        },
    ),
    _system(
        "lightspeed-x",
        "Lightspeed X (Vend), customers",
        "customer_code|customer code|loyalty_balance|loyalty balance|loyalty_adjustment|loyalty enabled"
        "|store credit balance|postal postcode|physical postcode|customer group|account balance|postal address 1",
        {
            "code": "customer_code|customer code|code client",
            "points": "loyalty_balance|loyalty balance|solde de fidélité",
            "points_added": "loyalty_adjustment|loyalty adjustment",
            "store_credit": "store credit balance|store_credit_balance|solde d'avoir",
            "company_name": "company name|company_name",
            "birthday": "date of birth|date_of_birth",
            "address.line1": "postal address 1|postal_address_1",
            "address.line2": "postal address 2|postal_address_2",
            "address.postal_code": "postal postcode|postal_postcode",
            "address.city": "postal city|postal_city",
            "address.country": "postal country|postal_country_id",
            f"{OTHER}.line1": "physical address 1|physical_address_1",
            f"{OTHER}.line2": "physical address 2|physical_address_2",
            f"{OTHER}.postal_code": "physical postcode|physical_postcode",
            f"{OTHER}.city": "physical city|physical_city",
            f"{OTHER}.country": "physical country|physical_country_id",
            "groups": "customer group|customer_group_name",
            "note": "customer note|note",
            LEFT_OUT: "postal suburb|postal state|physical suburb|physical state|custom_field_1|custom_field_2"
            "|custom_field_3|custom_field_4|account balance|loyalty enabled|enable_loyalty",
        },
    ),
    _system(
        "lightspeed-c",
        "Lightspeed C (eCom), customers",
        "internal id|registered|lastnamepreposition|customer type|coc number|attn|streetname|extension",
        {
            "source_id": "internal id",
            "kind": "customer type",
            "last_name_prefix": "lastnamepreposition",
            "vat_number": "vat number",
            SIREN: "coc number",
            "address.street": "streetname",
            "address.number": "number",
            "address.extension": "extension",
            "address.line2": "address 2",
            LEFT_OUT: "registered|attn|region",
        },
    ),
    _system(
        "loyverse",
        "Loyverse, customers",
        "phone_number|postal_code|country_code|customer_code|total_points|total_visits|total_spent",
        {
            FULL_NAME: "name|customer name",
            "phone": "phone_number",
            "code": "customer_code",
            "points": "total_points",
            LEFT_OUT: "region|total_visits|total_spent|first_visit|last_visit|created_at|updated_at",
        },
    ),
)


def system_of(headings: Iterable[str]) -> System | None:
    """The system that wrote a file, by its headings; None for a shop's own."""
    keys = {key_of(heading) for heading in headings}
    hits = [(len(keys & system.marks), system) for system in SYSTEMS]
    best, system = max(hits, key=lambda hit: hit[0])
    return system if best >= FINGERPRINT else None
