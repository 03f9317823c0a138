"""The terms of a customer in words."""

from typing import Any

from daemon.desk.customer_terms import CustomerTerms
from daemon.domain.group import Group
from daemon.domain.price_list import SpecialPrice
from daemon.domain.pricing import Reason
from daemon.web.i18n import Words
from daemon.web.terms_view import tariff_line, terms_shown

FR = Words("fr")
GROUP = Group(id="1" * 16, label="Pro")


def terms(*standing: Reason, **facts: Any) -> CustomerTerms:
    plain: dict[str, Any] = {"id": "0" * 16, "version": "v", "discount": None, "tax_category": "", "price_list": ""}
    rest = {"type": None, "employee": False, "groups": (GROUP,), "principal": GROUP, "prices": (), "standing": standing}
    return CustomerTerms(**(plain | rest | facts))


def test_what_stands_is_told_with_its_reason_and_what_it_beats() -> None:
    found = terms_shown(
        terms(
            Reason(about="discount", rule="own", outcome="applied", value=1250),
            Reason(about="discount", rule="group", outcome="beaten", source="Pro", value=1000, by="own"),
        ),
        FR,
    )
    assert found.groups == ("Pro",)
    assert [(row.value, row.why, row.beaten) for row in found.standing] == [
        ("12,5\u00a0%", "propre au client", False),
        ("10\u00a0%", "groupe principal : Pro", True),
    ]


def test_agreed_prices_say_how_long() -> None:
    price = SpecialPrice(id="p", product="410001", price_cents=4490, from_day="2025-10-01", until_day="2025-10-31")
    rate = SpecialPrice(id="q", product="430007", discount=2000)
    (first, second) = terms_shown(terms(prices=(price, rate)), FR).prices
    assert (first.value, first.when) == ("44,90\u00a0€", "du 1er octobre 2025 jusqu’au 31 octobre 2025")
    assert (second.value, second.when) == ("−20\u00a0%", "")


def test_the_own_discount_stands_as_it_is_typed() -> None:
    assert terms_shown(terms(discount=750), FR).discount == "7,5"
    assert terms_shown(terms(discount=750), Words("en")).discount == "7.5"


def test_the_tariff_is_the_discount_that_applies() -> None:
    applied = Reason(about="discount", rule="group", outcome="applied", source="Pro", value=1000)
    assert tariff_line(terms(applied), FR) == "Pro −10\u00a0%"
    assert tariff_line(terms(Reason(about="discount", rule="own", outcome="applied", source="x", value=500)), FR) == (
        "−5\u00a0%"
    )
    assert tariff_line(terms(), FR) == ""
