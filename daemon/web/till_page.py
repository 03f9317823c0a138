"""The till's own screens: ready, what a scan leads to, the sale's customer, badges, how this till stands.

What a page does to the sale it does to the open visit of its lane; where the till software has opened none, choosing a
customer opens it.
"""

from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from daemon.clock import random_id
from daemon.desk import instant
from daemon.desk.badges import BadgeDesk, JobAnswer, NewBadge
from daemon.desk.wishes import NewWish
from daemon.domain.ids import parse_entity
from daemon.domain.role import Right
from daemon.errors import Conflicting, NotFound, OperatorMistake
from daemon.web.aside import Notice, Word
from daemon.web.badge_page import BadgePages, was_printed
from daemon.web.benefit_page import BenefitPages
from daemon.web.block_page import BlockPages
from daemon.web.customer_page import ID, CustomerPages, alert, favourites, jobs, open_visit
from daemon.web.customer_view import discreet
from daemon.web.edit_page import EditPages
from daemon.web.held_page import HeldPages, held
from daemon.web.history_page import HistoryPages
from daemon.web.http import Response, RouteDef
from daemon.web.parts import WebParts
from daemon.web.proof_page import ProofPages
from daemon.web.sale_page import SalePages
from daemon.web.search_view import brief_of_record, plain_row
from daemon.web.serving import serve, visits
from daemon.web.session_page import SessionPages
from daemon.web.static_files import StaticFiles, load_static
from daemon.web.status_page import StatusPages
from daemon.web.surface import PageCall, Place, Surface, entity
from daemon.web.terms_page import TermsPages
from daemon.web.ticket_page import TicketPages
from daemon.web.why_page import WhyPages
from daemon.web.wish_page import WishPages, known_as

ROOT: Final = "/caisse"
CHOICES_MAX: Final = 12
CODE_MAX: Final = 64


def till_pages(parts: WebParts, place: Place, static: StaticFiles | None = None) -> list[RouteDef]:
    """Every route of the till's pages, their static files included; for `WebParts.pages`."""
    files = static or load_static()
    surface = Surface(parts, place, files, root=ROOT, name="till")
    rooms = (
        SessionPages(surface),
        HeldPages(surface),
        TillPages(surface),
        EditPages(surface, source="till"),
        BadgePages(surface),
        CustomerPages(surface),
        BlockPages(surface),
        WhyPages(surface),
        BenefitPages(surface),
        ProofPages(surface),
        HistoryPages(surface),
        SalePages(surface),
        WishPages(surface),
        TicketPages(surface),
        TermsPages(surface),
        StatusPages(surface),
    )
    return [*files.routes(), surface.home(), *(route for room in rooms for route in room.routes())]


class TillPages:
    """The screens that only a till has."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface = self._surface
        return [
            surface.get("", self._ready),
            surface.get("/choix", self._choose),
            surface.post("/lecture", self._scanned, Right.READ),
            surface.post("/essai", self._tap, Right.SELL),
            surface.post("/vente", self._attach, Right.SELL),
            surface.post("/vente/retirer", self._detach, Right.SELL),
            surface.post(f"/clients/{ID}/badge", self._print, Right.PRINT),
            surface.post(f"/impressions/{ID}", self._answer_job, Right.PRINT),
        ]

    async def _ready(self, call: PageCall) -> Response:
        missing, visit = await self._surface.desks.condition.why_not_ready(), await open_visit(self._surface)
        if visit is not None and not visit.is_walk_in:
            self._surface.asides.serve(visit.customer.id, visit.id, self._surface.now_ms)
        return await self._surface.show(
            call,
            "ready.html.j2",
            visit=visit,
            missing=bool(missing),
            favourites=await favourites(self._surface),
            last=await self._last(call),
            simulated=self._surface.parts.simulated,
        )

    async def _tap(self, call: PageCall) -> Response:
        """A card before a reader that is not there; what comes of it is told as of any scan."""
        form, taps = call.form, {one.device: one for one in self._surface.parts.simulated}
        if form.get("device") not in taps:
            raise NotFound("device: no simulated reader has this name", field="device")
        taps[form["device"]].tap(form.get("code", ""))
        return self._surface.go(self._surface.root)

    async def _last(self, call: PageCall) -> list[tuple[str, str]]:
        """Who was served last here: id, and so much of the name as others who look on may read."""
        found = []
        for id_ in self._surface.asides.served() if call.may("sell") else ():
            try:
                found.append((id_, discreet(await self._surface.desks.lookup.customer(entity(id_)))))
            except NotFound:
                continue  # erased meanwhile
        return found

    async def _choose(self, call: PageCall) -> Response:
        """Several customers share the card that was scanned."""
        notice = self._surface.asides.notice(call.session, self._surface.now_ms)
        found = []
        for id_ in notice.customers[:CHOICES_MAX] if notice is not None else ():
            try:
                found.append(brief_of_record(await self._surface.desks.lookup.customer(entity(id_))))
            except NotFound:
                continue  # erased meanwhile
        return await self._surface.show(call, "choose.html.j2", rows=[plain_row(one) for one in found])

    # ---- scans -------------------------------------------------------------------------------------------------------

    async def _scanned(self, call: PageCall) -> Response:
        """Where a scan leads from the page that heard it; a changed form is never left without asking."""
        form = call.form
        outcome, customer = form.get("outcome", ""), form.get("customer", "")
        if "lecteur" in dict(parse_qsl(urlsplit(form.get("at", "")).query)):
            return await self._tried(call)
        if outcome == "customer":
            where = f"{self._surface.root}/clients/{entity(customer).hex()}"
            return self._leave(call, where, customer)
        if outcome == "choose":
            candidates = tuple(entity(one).hex() for one in form.get("candidates", "").split(",")[:CHOICES_MAX])
            if form.get("form"):
                return self._leave(call, f"{self._surface.root}/choix", "")
            self._surface.notify(call, Notice(kind="choose", customers=candidates))
            return self._surface.go(f"{self._surface.root}/choix")
        at = self._surface.back(call)
        if (
            outcome in {"product", "unknown"}
            and not form.get("form")
            and (taken := await self._product(call, at)) is not None
        ):
            return taken
        kinds: dict[str, Notice] = {
            "unknown": Notice(kind="unknown", code=form.get("code", "")[:128]),
            "product": Notice(kind="product", at=at),
            "blocked": Notice(
                kind="blocked", sentence=form.get("reason", "")[:200], since=_moment(form.get("since", "")), at=at
            ),
            "refused": Notice(kind="refused", sentence=form.get("reason", "")[:40], at=at),
        }
        self._surface.notify(
            call, kinds["product" if await self._is_sold(call) else outcome] if outcome in kinds else None
        )
        return self._surface.go(at)

    async def _tried(self, call: PageCall) -> Response:
        """A reader is being tried: what it read is said, and leads nowhere."""
        form, words = call.form, call.words
        named = words.text("a card")
        if form.get("outcome") == "customer":
            named = (await self._surface.desks.lookup.customer(entity(form.get("customer", "")))).display_name
        elif code := (form.get("code") or form.get("product", ""))[:CODE_MAX]:
            named = code
        is_read = form.get("outcome") != "refused"
        sentence = words.text("It reads: %(what)s.", what=named) if is_read else words.text("Badly read: once more.")
        self._surface.say(call, Word(sentence=sentence))
        return self._surface.go(f"{self._surface.root}/etat" if is_read else self._surface.back(call))

    async def _is_sold(self, call: PageCall) -> bool:
        """Whether the unknown code is that of an article of the shop: then it is no new card."""
        code = call.form.get("product", "")[:CODE_MAX]
        if not code or call.form.get("outcome") != "unknown":
            return False
        try:
            await self._surface.desks.prices.product(code)
        except OperatorMistake:
            return False
        return True

    async def _product(self, call: PageCall, at: str) -> Response | None:
        """An article scanned before a wish list is wished for; before the prices, one is asked for it."""
        page, query = urlsplit(at).path, dict(parse_qsl(urlsplit(at).query))
        id_, code = parse_entity(page.rpartition("/")[2]), call.form.get("product", "")[:CODE_MAX]
        if id_ is None or not code or not call.may("edit"):
            return None
        if query.get("section") == "terms" and call.may("give_terms"):
            return self._surface.go(f"{page}?{urlencode({'section': 'terms', 'product': code})}")
        if query.get("section") != "wishes":
            return None
        product, label = await known_as(self._surface, code, "")
        found = await self._surface.desks.wishes.add(
            self._surface.change(call), id_, NewWish(product=product or code, label=label)
        )
        named = next((one.label for one in found.wishes if one.product == product), "") or code
        self._surface.say(call, Word(sentence=call.words.text("%(name)s is on the wish list.", name=named)))
        return self._surface.go(at)

    def _leave(self, call: PageCall, where: str, customer: str) -> Response:
        """Go there, or hold it and ask first."""
        if not call.form.get("form"):
            self._surface.notify(call, None)
            return self._surface.go(where)
        self._surface.notify(call, held(call, where, customer))
        return self._surface.go(self._surface.back(call))

    # ---- the sale ----------------------------------------------------------------------------------------------------

    async def _attach(self, call: PageCall) -> Response:
        """Serve this customer; it can be taken back for as long as the sale is not posted."""
        change, id_ = self._surface.change(call), entity(call.form.get("customer", ""))
        served = await serve(self._surface, change, id_)
        sentence = call.words.text("%(name)s is chosen for the sale.", name=served.customer.display_name)
        self._surface.say(call, Word(sentence=sentence, undo=f"{self._surface.root}/vente/retirer"))
        if served.is_walk_in or alert(self._surface, await self._surface.desks.lookup.customer(id_), served) is None:
            return self._surface.go(self._surface.root)
        return self._surface.go(f"{self._surface.root}/clients/{id_.hex()}")

    async def _detach(self, call: PageCall) -> Response:
        """Back to nobody in particular; the basket stays."""
        visit = await open_visit(self._surface)
        if visit is not None and not visit.is_walk_in:
            await visits(self._surface).detach(self._surface.change(call), entity(visit.id))
            sentence = call.words.text("The sale is for the walk-in customer again.")
            undo = f"{self._surface.root}/vente"
            self._surface.say(call, Word(sentence=sentence, undo=undo, customer=visit.customer.id))
        return self._surface.go(self._surface.root)

    # ---- badges ------------------------------------------------------------------------------------------------------

    async def _print(self, call: PageCall) -> Response:
        """Ask for a badge; the record tells what becomes of it."""
        change, id_ = self._surface.change(call), call.id()
        given = NewBadge(duplicata=bool(call.form.get("duplicata")))
        if not given.duplicata and was_printed(await jobs(self._surface), id_.hex()):
            return self._surface.go(f"{self._surface.root}/clients/{id_.hex()}/badge")  # which asks why
        await self._badges().request(replace(change, key=change.key or random_id().hex()), id_, given)
        return self._surface.go(f"{self._surface.root}/clients/{id_.hex()}?section=cards")

    async def _answer_job(self, call: PageCall) -> Response:
        """What the operator saw come out."""
        answer = call.form.get("answer", "")
        if answer in {"came_out", "again", "cancel"}:
            await self._badges().answer(call.id(), JobAnswer(answer=answer))  # type: ignore[arg-type]  # one of the three
        return self._surface.go(self._surface.back(call))

    def _badges(self) -> BadgeDesk:
        if self._surface.desks.badges is None:
            raise Conflicting("no printer is configured at this till")
        return self._surface.desks.badges


def _moment(text: str) -> str:
    """A moment as the API shows it; empty for anything else."""
    try:
        return instant.shown(instant.parse(text, field="since"))
    except OperatorMistake:
        return ""
