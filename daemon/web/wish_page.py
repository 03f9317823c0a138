"""The wish list on the record: an article scanned or typed, bought, taken off, and put back."""

from typing import Final
from urllib.parse import urlencode

from daemon.desk.wishes import NewWish, Wish
from daemon.domain.ids import EntityId
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.aside import Word
from daemon.web.customer_page import ID
from daemon.web.http import Response, RouteDef
from daemon.web.serving import serve
from daemon.web.surface import PageCall, Surface, entity

DIGITS_MAX: Final = 5


class WishPages:
    """What a customer wishes for."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        one = f"/clients/{ID}/souhaits"
        return [
            self._surface.post(one, self._add, Right.EDIT),
            self._surface.post(f"{one}/{{wish:[0-9a-f]{{16}}}}/achete", self._bought, Right.EDIT),
            self._surface.post(f"{one}/{{wish:[0-9a-f]{{16}}}}/retirer", self._remove, Right.EDIT),
            self._surface.post(f"{one}/{{wish:[0-9a-f]{{16}}}}/vente", self._sell, Right.SELL),
        ]

    async def _add(self, call: PageCall) -> Response:
        """Put an article on the list; what the catalogue does not know is a label."""
        given = {name: call.form.get(name, call.query.get(name, "")) for name in ("product", "label", "quantity")}
        product, label = await known_as(self._surface, given["product"].strip(), given["label"].strip())
        wish = NewWish(product=product, label=label, quantity=_pieces(given["quantity"] or "1"))
        await self._surface.desks.wishes.add(self._surface.change(call), call.id(), wish)
        return self._done(call, Word(sentence=call.words.text("On the wish list.")))

    async def _sell(self, call: PageCall) -> Response:
        """Ask the till software to put it into the sale, which is this customer's from now on."""
        visit = await serve(self._surface, self._surface.change(call), call.id())
        asked = await self._surface.desks.wishes.ask_for(call.id(), entity(call.path["wish"]), visit)
        sentence = call.words.text("%(name)s was asked for in the sale.", name=asked.label or asked.product)
        return self._done(call, Word(sentence=sentence))

    async def _bought(self, call: PageCall) -> Response:
        await self._surface.desks.wishes.bought(self._surface.change(call), call.id(), entity(call.path["wish"]))
        return self._done(call, Word(sentence=call.words.text("Noted as bought.")))

    async def _remove(self, call: PageCall) -> Response:
        wish = entity(call.path["wish"])
        gone = await self._wish(call.id(), wish)
        await self._surface.desks.wishes.remove(self._surface.change(call), call.id(), wish)
        undo = ""
        if gone is not None and gone.bought_at is None:
            back = urlencode({"product": gone.product, "label": gone.label, "quantity": gone.quantity})
            undo = f"{self._surface.root}/clients/{call.id().hex()}/souhaits?{back}"
        return self._done(call, Word(sentence=call.words.text("Taken off the wish list."), undo=undo))

    async def _wish(self, customer: EntityId, wish: EntityId) -> Wish | None:
        found = (await self._surface.desks.wishes.wishes(customer)).wishes
        return next((one for one in found if one.id == wish.hex()), None)

    def _done(self, call: PageCall, word: Word) -> Response:
        self._surface.say(call, word)
        return self._surface.onward(call, f"{self._surface.root}/clients/{call.id().hex()}?section=wishes")


async def known_as(surface: Surface, typed: str, label: str) -> tuple[str, str]:
    """The product that was scanned or typed by code, else what was typed as a label."""
    if label or not typed:
        return typed, label
    try:
        return (await surface.desks.prices.product(typed)).code, ""
    except OperatorMistake:
        is_code = typed.isascii() and typed.replace("-", "").isalnum() and any(letter.isdigit() for letter in typed)
        return (typed, "") if is_code else ("", typed)


def _pieces(text: str) -> int:
    """A number of pieces as it was typed; raises OperatorMistake."""
    if not text.isascii() or not text.isdecimal() or len(text) > DIGITS_MAX:
        raise OperatorMistake("quantity: this is not a number of pieces", field="quantity")
    return int(text)
