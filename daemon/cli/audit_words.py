"""What an act of the audit trail says, in the language spoken: the trail keeps one spelling for ever."""

from daemon.cli.words import _, sentence, spoken


def act(what: str) -> str:
    """`customer create, card add` as people read it; what this version does not know stays as it is kept."""
    if spoken() == "en":
        return what
    whole = _second_person(what) or _whole(what)
    if whole != what:
        return whole
    return ", ".join(_pair(part) for part in what.split(", "))


def _pair(part: str) -> str:
    kind, blank, verb = part.rpartition(" ")
    kinds, verbs = _kinds(), _verbs()
    if not blank or kind not in kinds or verb not in verbs:
        return _whole(part)
    return _("{kind}: {verb}").format(kind=kinds[kind], verb=verbs[verb])


def _whole(what: str) -> str:
    said = {
        "erase": _("erase"),
        "log in by PIN": _("log in by PIN"),
        "log in by badge": _("log in by badge"),
        "log out": _("log out"),
        "wrong PIN": _("wrong PIN"),
        "application token made": _("application token made"),
        "application token revoked": _("application token revoked"),
        "PIN of a customer set": _("PIN of a customer set"),
        "PIN of a customer set anew": _("PIN of a customer set anew"),
        "PIN of a customer proved": _("PIN of a customer proved"),
        "refused: wrong PIN of a customer": _("refused: wrong PIN of a customer"),
        "refused: PIN closed": _("refused: PIN closed"),
        "refused: PIN none": _("refused: PIN none"),
        "refused: spending, card would do": _("refused: spending, card would do"),
        "refused: spending, pin would do": _("refused: spending, pin would do"),
        "refused: spending, nothing would do": _("refused: spending, nothing would do"),
    }
    return said.get(what) or sentence(what)


def _second_person(what: str) -> str:
    """What two people did together, one asking and one saying yes; empty for anything else."""
    if what == "asked a second person: block":
        return _("asked a second person, about a block")
    start, blank, amount = what.rpartition(" ")
    verb, between, capped = start.rpartition(" ")
    told = {
        "approve": _("said yes as second person: {act}, {amount}"),
        "second person for": _("was the second person: {act}, {amount}"),
    }
    if not (blank and between) or verb not in told:
        return ""
    return told[verb].format(act=_capped().get(capped, capped), amount=amount)


def _capped() -> dict[str, str]:
    return {
        "discount": _("discount"),
        "points": _("points"),
        "credit": _("credit"),
        "at_risk": _("spending at risk"),
        "second_sale": _("held ticket of another till"),
        "new_pin": _("new PIN of a customer"),
        "unproved": _("spending without proof"),
    }


def _verbs() -> dict[str, str]:
    return {
        "create": _("creation"),
        "change": _("change"),
        "add": _("addition"),
        "remove": _("removal"),
        "erase": _("erasure"),
        "book": _("booking"),
    }


def _kinds() -> dict[str, str]:
    return {
        "customer": _("customer"),
        "card": _("card"),
        "note": _("note"),
        "tag": _("tag"),
        "address": _("address"),
        "membership": _("group of a customer"),
        "edge": _("merge of customers"),
        "award": _("award"),
        "wish": _("wish list"),
        "credit_note": _("credit note"),
        "coupon": _("coupon"),
        "price": _("agreed price"),
        "pin_tries": _("tries at a PIN"),
        "remark": _("remark"),
        "entry": _("movement of an account"),
        "right": _("right to spend"),
        "operator": _("operator"),
        "shop": _("shop"),
        "site": _("till"),
        "policy": _("policy"),
        "group": _("group"),
        "product": _("product"),
        "custom_field": _("custom field"),
        "sale": _("sale"),
        "month": _("revenue of months"),
        "sale_lines": _("lines of a sale"),
        "held_ticket": _("held ticket"),
        "customer_type": _("customer type"),
        "price_list": _("price list"),
        "loyalty_rule": _("rule of loyalty"),
        "promo_code": _("promo code"),
        "ticket_step": _("step of a held ticket"),
    }
