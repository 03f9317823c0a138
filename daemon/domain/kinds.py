"""The one table of kinds and fields. Numbers are wire and stored data: never reused, never changed."""

from enum import IntEnum
from typing import Final

from daemon.domain.kind_shape import Claim, FieldRule, FieldShape, KindShape, Reach, Rule
from daemon.domain.kind_shape import entry as _entry
from daemon.domain.kind_shape import member as _member
from daemon.domain.kind_shape import row as _row


class Kind(IntEnum):
    """What an operation speaks of. 1–63: things that belong to a customer or an account; from 64: the chain's own."""

    CUSTOMER = 1
    CARD = 2
    NOTE = 3
    TAG = 4
    ADDRESS = 5
    MEMBERSHIP = 6
    EDGE = 7
    ERASE = 8
    AWARD = 9
    WISH = 10
    CREDIT_NOTE = 11
    COUPON = 12
    PRICE = 13
    PIN_TRIES = 14
    REMARK = 15
    ENTRY = 16
    RIGHT = 17
    CLOSE = 18
    OPERATOR = 64
    SHOP = 65
    SITE = 66
    POLICY = 67
    GROUP = 68
    PRODUCT = 69
    CUSTOM_FIELD = 70
    LEVEL = 71
    SALE = 72
    MONTH = 73
    SALE_LINES = 74
    HELD_TICKET = 75
    CUSTOMER_TYPE = 76
    PRICE_LIST = 77
    LOYALTY_RULE = 78
    PROMO_CODE = 79
    TICKET_STEP = 80


def _fields(*shapes: FieldShape) -> dict[int, FieldShape]:
    table = {shape.number: shape for shape in shapes}
    assert len(table) == len(shapes), "a field number stands twice"
    return table


def _field(number: int, name: str, type_: str = "text", **more: object) -> FieldShape:
    return FieldShape(number=number, name=name, type=type_, **more)  # type: ignore[arg-type]  # the table below is read by people


CHANNELS = ("newsletter", "contests", "email", "sms", "phone", "post")
"""The consents of B9, in the order of their field numbers from 30 on."""

HOLDER = 5
"""The field of entries and rights that names their holder: (site, 64 random bits). Rights go to that site's feed."""

SHOP_NUMBER = 6
"""The field of each kind of one shop that names it: its elements go to that shop's feed and count in its digest."""

CUSTOM_FIELDS_FROM = 1000
"""Field numbers that head office gives to the chain's own fields; their words find the customer."""

CUSTOM_UNSEARCHED_FROM = 1_000_000
"""From here on they do not."""

CUSTOMER = KindShape(
    kind=Kind.CUSTOMER,
    rule=Rule.ROW,
    fields=_fields(
        _field(1, "kind", "choice"),
        _field(2, "name", "texts", searched=True),
        _field(3, "civility", length_max=20),
        _field(4, "company_name", searched=True),
        _field(5, "siret", length_max=14, searched=True),
        _field(6, "vat_number", length_max=20),
        _field(7, "code", claim=Claim.CODE, searched=True, length_max=32),
        _field(8, "email", claim=Claim.EMAIL, searched=True, length_max=254),
        _field(9, "mobile", claim=Claim.PHONE, searched=True, length_max=20),
        _field(10, "phone", claim=Claim.PHONE, searched=True, length_max=20),
        _field(11, "address", "texts", searched=True),
        _field(12, "birthday", "numbers"),
        _field(13, "language", length_max=8),
        _field(14, "member_number", claim=Claim.MEMBER_NUMBER, searched=True, length_max=32),
        _field(15, "account", "id"),
        _field(16, "archived", "guard", rule=FieldRule.GUARDED),
        _field(17, "blocked", "guard", rule=FieldRule.GUARDED),
        _field(18, "bad_address", "stamp"),
        _field(19, "price_list", length_max=32),
        _field(20, "principal_group", "id"),
        _field(21, "customer_type", "id"),
        _field(22, "preferred_channel", length_max=16),
        _field(23, "walk_in_of", "number"),
        _field(24, "deleted", "choice"),
        _field(25, "discount", "number"),
        _field(26, "tax_category", length_max=32),
        _field(27, "account_number", claim=Claim.ACCOUNT_NUMBER, searched=True, length_max=32),
        _field(28, "on_account", "number"),
        _field(29, "pin", secret=True),
        *(_field(30 + at, f"consent_{name}", "guard", rule=FieldRule.GUARDED) for at, name in enumerate(CHANNELS)),
        _field(36, "profile", "number"),
    ),
)

SHAPES: dict[int, KindShape] = {
    shape.kind: shape
    for shape in (
        CUSTOMER,
        _member(
            Kind.CARD,
            _field(1, "number", claim=Claim.CARD, searched=True, length_max=64),
            _field(2, "medium", length_max=16),
            _field(3, "blocked", "guard", rule=FieldRule.GUARDED),
            _field(4, "since", "number"),
            _field(5, "state", length_max=16),
        ),
        _member(
            Kind.NOTE,
            _field(1, "text", length_max=4000),
            _field(2, "show_at_till", "number"),
            _field(3, "done", "number"),
            _field(4, "written_ms", "number"),
            _field(5, "author", length_max=64),
        ),
        _member(Kind.TAG, _field(1, "tag", searched=True, length_max=64)),
        _member(
            Kind.ADDRESS,
            _field(1, "address", "texts"),
            _field(2, "label", length_max=64),
            _field(3, "bad_address", "stamp"),
        ),
        _member(Kind.MEMBERSHIP, _field(1, "group", "id")),
        _member(
            Kind.EDGE,
            _field(1, "other", "id"),
            _field(2, "from_here", "numbers"),
            _field(3, "from_other", "numbers"),
        ),
        KindShape(kind=Kind.ERASE, rule=Rule.ERASE),
        _member(Kind.AWARD, _field(1, "claim", "number"), _field(2, "value", length_max=254)),
        _member(
            Kind.WISH,
            _field(1, "product", length_max=64),
            _field(2, "label"),
            _field(3, "quantity", "number"),
            _field(4, "bought_ms", "number"),
        ),
        _member(
            Kind.CREDIT_NOTE,
            _field(1, "code", claim=Claim.CREDIT_NOTE, length_max=32),
            _field(2, "account", "id"),
            _field(3, "amount", "number"),
            _field(4, "origin"),
            _field(7, "sale", "id"),
            _field(8, "issued_ms", "number"),
            _field(9, "until_day", "number"),
        ),
        _member(
            Kind.COUPON,
            _field(1, "code", claim=Claim.COUPON, length_max=32),
            _field(2, "account", "id"),
            _field(3, "label"),
            _field(4, "rule", length_max=64),
            _field(7, "amount", "number"),
            _field(8, "percent", "number"),
            _field(9, "minimum", "number"),
            _field(10, "from_day", "number"),
            _field(11, "until_day", "number"),
            _field(12, "withdrawn", "guard", rule=FieldRule.GUARDED),
        ),
        _member(
            Kind.PRICE,
            _field(1, "product", length_max=64),
            _field(2, "price", "number"),
            _field(3, "discount", "number"),
            _field(4, "from_day", "number"),
            _field(7, "until_day", "number"),
        ),
        _member(
            Kind.PIN_TRIES,
            _field(1, "wrong", "number"),
            _field(2, "last_ms", "number"),
            _field(3, "forgiven", "number"),
            _field(4, "refused", "number"),
            _field(7, "refused_ms", "number"),
        ),
        _member(Kind.REMARK, _field(1, "text"), _field(2, "lines", "rows")),
        _entry(
            Kind.ENTRY,
            _field(1, "book", "number"),
            _field(2, "amount", "number"),
            _field(3, "cause", length_max=32),
            _field(4, "sale", length_max=64),
            _field(5, "holder", "holder"),
            _field(7, "reason"),
        ),
        _entry(
            Kind.RIGHT,
            _field(1, "book", "number"),
            _field(2, "amount", "number"),
            _field(3, "cause", length_max=32),
            _field(4, "sale", length_max=64),
            _field(5, "holder", "holder"),
            _field(7, "wanted", "number"),
            _field(8, "keep", "number"),
            _field(9, "to", "holder"),
            reach=Reach.SITE,
        ),
        _row(
            Kind.OPERATOR,
            _field(1, "display_name"),
            _field(2, "role", length_max=32),
            _field(3, "pin", secret=True),
            _field(4, "badge", claim=Claim.OPERATOR_BADGE, length_max=64),
            _field(5, "revoked", "guard", rule=FieldRule.GUARDED),
            _field(6, "kind", length_max=16),
        ),
        _row(Kind.SHOP, _field(1, "number", "number"), _field(2, "label")),
        _row(
            Kind.SITE,
            _field(1, "site", "number"),
            _field(2, "shop", "number"),
            _field(3, "label"),
            _field(4, "code_blocks", "rows"),
        ),
        _row(Kind.POLICY, _field(1, "value", length_max=8000)),
        _row(
            Kind.GROUP,
            _field(1, "label"),
            _field(2, "redirect", "id"),
            _field(3, "colour", length_max=16),
            _field(4, "mark", length_max=16),
            _field(7, "discount", "number"),
            _field(8, "price_list", length_max=32),
            _field(9, "promotions", "rows"),
            _field(10, "tax_category", length_max=32),
            _field(11, "position", "number"),
        ),
        _row(
            Kind.CUSTOMER_TYPE,
            _field(1, "label"),
            _field(2, "discount", "number"),
            _field(3, "tax_category", length_max=32),
            _field(4, "employee", "number"),
            _field(7, "withdrawn", "guard", rule=FieldRule.GUARDED),
        ),
        _row(
            Kind.PRICE_LIST,
            _field(1, "code", length_max=32),
            _field(2, "label"),
            _field(3, "discount", "number"),
            _field(4, "withdrawn", "guard", rule=FieldRule.GUARDED),
        ),
        _row(
            Kind.PRODUCT,
            _field(1, "code", claim=Claim.PRODUCT, length_max=64),
            _field(2, "label"),
            _field(3, "price", "number"),
            _field(4, "vat", "number"),
            _field(7, "discountable", "number"),
            _field(8, "labour", "number"),
            _field(9, "family", length_max=64),
            _field(10, "barcodes", "texts", claim=Claim.PRODUCT),
            _field(11, "withdrawn", "guard", rule=FieldRule.GUARDED),
        ),
        _row(
            Kind.CUSTOM_FIELD,
            _field(1, "number", "number"),
            _field(2, "label"),
            _field(3, "type", length_max=16),
            _field(4, "choices", "texts"),
            _field(7, "searched", "number"),
            _field(8, "withdrawn", "guard", rule=FieldRule.GUARDED),
        ),
        _entry(
            Kind.SALE,
            _field(1, "kind", length_max=16),
            _field(2, "total", "number"),
            _field(3, "month", "number"),
            _field(4, "sold_ms", "number"),
            _field(7, "shop", "number"),
            _field(8, "lane", length_max=16),
            _field(9, "ticket", length_max=64),
            _field(10, "original", "id"),
            _field(11, "operator", length_max=64),
            _field(12, "lines", "number"),
            _field(13, "rules", length_max=32),
        ),
        _row(Kind.MONTH, _field(1, "months", "rows")),
        _entry(
            Kind.SALE_LINES,
            _field(1, "lines", "rows"),
            _field(2, "head", "rows"),
            _field(SHOP_NUMBER, "shop", "number"),
            reach=Reach.SHOP,
        ),
        _member(
            Kind.HELD_TICKET,
            _field(1, "kind", length_max=16),
            _field(2, "label"),
            _field(3, "basket", length_max=16000),
            _field(4, "state", length_max=16),
            _field(SHOP_NUMBER, "shop", "number"),
            _field(7, "taken_by", "number"),
            _field(8, "total", "number"),
            _field(9, "written_ms", "number"),
            _field(10, "source", length_max=32),
            _field(11, "comment", length_max=2000),
            _field(12, "sale", "id"),
            _field(13, "due_day", "number"),
            reach=Reach.SHOP,
        ),
        _entry(
            Kind.TICKET_STEP,
            _field(1, "ticket", "id"),
            _field(2, "what", length_max=16),
            _field(3, "site", "number"),
            _field(4, "said_ms", "number"),
            _field(SHOP_NUMBER, "shop", "number"),
            _field(7, "by", length_max=64),
            _field(8, "sale", "id"),
            _field(9, "stage", length_max=16),
            _field(10, "amount", "number"),
            _field(11, "take", "id"),
            _field(12, "names", "id"),
            _field(13, "reason"),
            _field(14, "turn", "number"),
            reach=Reach.SHOP,
        ),
        _row(
            Kind.LOYALTY_RULE,
            _field(1, "label"),
            _field(2, "kind", length_max=32),
            _field(3, "terms", length_max=8000),
            _field(4, "withdrawn", "guard", rule=FieldRule.GUARDED),
        ),
        _row(
            Kind.PROMO_CODE,
            _field(1, "code", claim=Claim.PROMO_CODE, length_max=32),
            _field(2, "label"),
            _field(3, "terms", length_max=8000),
            _field(4, "account", "id"),
            _field(7, "withdrawn", "guard", rule=FieldRule.GUARDED),
        ),
    )
}

MUST_KNOW = max(SHAPES)
"""The level that this version can author and read; higher kinds are parked."""

BOOK_POINTS, BOOK_CREDIT, BOOK_DEBT, BOOK_COUPON, BOOK_CREDIT_NOTE, BOOK_LIMIT, BOOK_QUOTA = range(1, 8)
"""The books of an account: points; what is owed on account; what is at risk; uses left of a coupon; what is left of a
credit note; the credit maximum; uses left of a promo code. Money in cents."""

BOOK_DEPOSIT = 8
"""What a customer has paid beforehand, on a layaway or an order; cents."""

BOOK_MONTHS = 1_000_000
"""From here on the revenue of one month: BOOK_MONTHS + 202611 is that of November 2026, in cents."""

BOOK_SOLD = 2_000_000
"""From here on what the shops' own copies of sales come to in a month: at head office, which holds those of all shops,
what all sales ever came to; what it takes out of the chain's is written into the months from this."""


def shape_of(kind: int) -> KindShape | None:
    """The shape of a kind, or None for one of a newer version: it is parked, never dropped."""
    return SHAPES.get(kind)


UNSHOWN: Final = "***"
"""In place of what nobody is shown."""


def is_secret(kind: int, number: int) -> bool:
    """Whether a field is shown to nobody."""
    shape = field_shape(kind, number)
    return shape is not None and shape.secret


def field_shape(kind: int, number: int) -> FieldShape | None:
    """The shape of a field, or None for one of a newer version: it is kept and relayed."""
    shape = SHAPES.get(kind)
    return shape.fields.get(number) if shape else None
