"""The terms of one customer on the record: their own discount, list and type, and prices agreed with them."""

from typing import Final
from urllib.parse import urlencode

from daemon.desk.customer_terms import CustomerTermsEdit
from daemon.domain.price_list import NewPrice
from daemon.domain.role import Right
from daemon.errors import NotFound, OperatorMistake
from daemon.web.aside import Word
from daemon.web.customer_page import ID
from daemon.web.http import Response, RouteDef
from daemon.web.surface import PageCall, Surface

DIGITS_MAX: Final = 9


class TermsPages:
    """What a customer pays."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        one = f"/clients/{ID}/tarif"
        return [
            self._surface.post(one, self._keep, Right.GIVE_TERMS),
            self._surface.post(f"{one}/prix", self._add, Right.GIVE_TERMS),
            self._surface.post(f"{one}/prix/{{price:[0-9a-f]{{16}}}}/retirer", self._remove, Right.GIVE_TERMS),
        ]

    async def _keep(self, call: PageCall) -> Response:
        """The customer's own terms, as the form shows them: an empty field takes one away."""
        typed = {name: call.form.get(name, "").strip() for name in ("discount", "price_list", "type")}
        discount = hundredths(typed["discount"], "discount") if typed["discount"] else None
        given = CustomerTermsEdit(discount=discount, price_list=typed["price_list"] or None, type=typed["type"] or None)
        desk, change = self._surface.desks.customer_terms, self._surface.change(call)
        await desk.edit(change, call.id(), given, frozenset({"discount", "price_list", "type"}))
        return self._done(call, Word(sentence=call.words.text("Saved.")))

    async def _add(self, call: PageCall) -> Response:
        """Agree a price: `product`, `price` in euros or with % a discount."""
        given = {name: call.form.get(name, call.query.get(name, "")).strip() for name in ("product", "price")}
        price, is_rate = given["price"], given["price"].endswith("%")
        value = hundredths(price.removesuffix("%").strip(), "price")
        new = NewPrice(
            product=await self._code(given["product"]),
            price_cents=None if is_rate else value,
            discount=value if is_rate else None,
        )
        await self._surface.desks.customer_terms.add_price(self._surface.change(call), call.id(), new)
        return self._done(call, Word(sentence=call.words.text("The price is agreed.")))

    async def _code(self, typed: str) -> str:
        """The code of what was scanned or typed; raises OperatorMistake for what the catalogue does not know."""
        if not typed:
            raise OperatorMistake("product: scan an article, or type its code", field="product")
        try:
            return (await self._surface.desks.prices.product(typed)).code
        except NotFound as unknown:
            raise OperatorMistake("product: the catalogue has no article of this code", field="product") from unknown

    async def _remove(self, call: PageCall) -> Response:
        desk, price = self._surface.desks.customer_terms, call.path["price"]
        known = next((one for one in (await desk.terms(call.id())).prices if one.id == price), None)
        await desk.remove_price(self._surface.change(call), call.id(), price)
        undo = ""
        if known is not None and not (known.from_day or known.until_day):
            is_rate = known.price_cents is None
            value = known.discount if is_rate else known.price_cents
            text = f"{(value or 0) // 100},{(value or 0) % 100:02}{'%' if is_rate else ''}"
            back = urlencode({"product": known.product, "price": text})
            undo = f"{self._surface.root}/clients/{call.id().hex()}/tarif/prix?{back}"
        return self._done(call, Word(sentence=call.words.text("The price is not agreed any more."), undo=undo))

    def _done(self, call: PageCall, word: Word) -> Response:
        self._surface.say(call, word)
        return self._surface.onward(call, f"{self._surface.root}/clients/{call.id().hex()}?section=terms")


def hundredths(text: str, field: str) -> int:
    """`12,5` or `12.50` in hundredths; raises OperatorMistake."""
    plain = "".join(text.replace("€", "").split()).replace(",", ".")
    whole, _, rest = plain.partition(".")
    is_number = (whole + rest).isascii() and (whole + rest).isdecimal() and len(rest) <= 2
    if not is_number or len(whole) > DIGITS_MAX:
        raise OperatorMistake(f"{field}: this is not an amount", field=field)
    return int(whole or "0") * 100 + int(rest.ljust(2, "0"))
