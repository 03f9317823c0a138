"""Points, credit notes and coupons: chosen for the open sale, and given back, until the sale is posted; all of them."""

from dataclasses import replace
from typing import Final

from daemon.desk.purse_shown import NotePart, Spending, Wanted
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, BOOK_POINTS
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web import benefits_listed
from daemon.web.aside import Word
from daemon.web.customer_page import ID
from daemon.web.http import Response, RouteDef
from daemon.web.proof_page import asking
from daemon.web.serving import serve
from daemon.web.surface import PageCall, Surface
from daemon.web.terms_page import hundredths

POINTS: Final = "points"
_DIGITS_MAX: Final = 9


class BenefitPages:
    """What a customer spends."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        one = f"/clients/{ID}/avantages"
        note = f"{one}/avoir/{{code:[A-Z0-9]{{2,32}}}}"
        return [
            self._surface.post(
                f"{one}/{{what:points|[0-9a-f]{{16}}}}", asking(self._surface, self._choose), Right.SELL
            ),
            self._surface.post(
                f"{one}/{{what:points|[0-9a-f]{{16}}}}/{{amount:[0-9]{{1,9}}}}", self._choose, Right.SELL
            ),
            self._surface.post(f"{one}/{{what:[0-9a-f]{{16}}}}/demander", self._ask, Right.SELL),
            self._surface.post(note, asking(self._surface, self._choose_note), Right.SELL),
            self._surface.post(f"{note}/{{amount:[0-9]{{1,9}}}}", asking(self._surface, self._choose_note), Right.SELL),
            self._surface.post(f"{note}/demander", self._ask, Right.SELL),
            self._surface.get(one, self._listed),
        ]

    async def _ask(self, call: PageCall) -> Response:
        """Head office is asked to have a coupon or a note come to this till; the record shows when it is here."""
        if "code" in call.path:
            await self._surface.desks.credit_notes.ask(self._surface.change(call), call.path["code"])
        else:
            wanted = Wanted(coupons=(call.path["what"],))
            await self._surface.desks.purses.ask(self._surface.change(call), call.id(), wanted)
        sentence = call.words.text("Head office was asked: it will be here in a moment.")
        self._surface.say(call, Word(sentence=sentence))
        return self._surface.go(f"{self._surface.root}/clients/{call.id().hex()}?section=benefits")

    async def _listed(self, call: PageCall) -> Response:
        """All of them, what is used and what is over too."""
        desks, id_ = self._surface.desks, call.id()
        notes = await desks.credit_notes.of_customer(id_)
        found = await desks.purses.show(id_)
        return await self._surface.show(
            call,
            "benefits.html.j2",
            customer=await desks.lookup.customer(id_),
            coupons=benefits_listed.coupon_rows(found.coupons, call.words),
            notes=benefits_listed.note_rows(notes, call.words),
            entries=benefits_listed.entry_rows(await desks.purses.entries(id_), call.words),
            points=found.points,
        )

    async def _choose_note(self, call: PageCall) -> Response:
        """Choose so many cents of one credit note, or nothing of it any more (0)."""
        change, id_, code = self._surface.change(call), call.id(), call.path["code"]
        amount = (
            int(call.path["amount"]) if "amount" in call.path else hundredths(call.form.get("amount", ""), "amount")
        )
        visit = EntityId(bytes.fromhex((await serve(self._surface, change, id_)).id))
        before = (await self._surface.desks.credit_notes.chosen(id_, visit)).get(code, 0)
        key = f"{change.key}-spend" if change.key else ""
        part = NotePart(code=code, amount=amount)
        await self._surface.desks.credit_notes.choose(replace(change, key=key), visit, part)
        undo = f"{self._surface.root}/clients/{id_.hex()}/avantages/avoir/{code}/{before}"
        euros = call.words.euros(amount)
        sentence = call.words.text("Credit note of %(amount)s used in this sale.", amount=euros)
        given_back = call.words.text("Credit note given back.")
        self._surface.say(call, Word(sentence=sentence if amount else given_back, undo=undo))
        return self._surface.go(f"{self._surface.root}/clients/{id_.hex()}?section=benefits")

    async def _choose(self, call: PageCall) -> Response:
        """Choose so many points, or a coupon (1), or neither any more (0); whoever uses something is being served."""
        change, id_, what = self._surface.change(call), call.id(), call.path["what"]
        amount = _amount(call.path.get("amount") or call.form.get("amount", ""))
        visit = EntityId(bytes.fromhex((await serve(self._surface, change, id_)).id))
        purses = self._surface.desks.purses
        before = await purses.chosen(visit)
        coupons = tuple(one for one in before.coupons if one != what)
        wanted = Spending(points=before.points, coupons=coupons)
        if what == POINTS:
            wanted = Spending(points=amount, coupons=before.coupons)
        elif amount:
            wanted = replace(wanted, coupons=(*coupons, what))
        key = f"{change.key}-spend" if change.key else ""
        # What the till software has chosen meanwhile, credit notes or the account, is not this page's to give back.
        await purses.choose(replace(change, key=key), visit, wanted, of=frozenset({BOOK_POINTS, BOOK_COUPON}))
        self._surface.say(call, self._word(call, id_, what, (before.points, amount)))
        return self._surface.go(f"{self._surface.root}/clients/{id_.hex()}?section=benefits")

    def _word(self, call: PageCall, id_: EntityId, what: str, points: tuple[int, int]) -> Word:
        before, amount = points
        back = f"{self._surface.root}/clients/{id_.hex()}/avantages/{what}"
        if what == POINTS:
            sentence = call.words.counted(
                "%(num)s point used in this sale.", "%(num)s points used in this sale.", amount
            )
            return Word(sentence=sentence, undo=f"{back}/{before}")
        sentence = call.words.text("Coupon used in this sale.") if amount else call.words.text("Coupon given back.")
        return Word(sentence=sentence, undo=f"{back}/{0 if amount else 1}")


def _amount(text: str) -> int:
    """A number of points as it was typed; raises OperatorMistake."""
    digits = "".join(text.split())
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _DIGITS_MAX:
        raise OperatorMistake("amount: this is not a number of points", field="amount")
    return int(digits)
