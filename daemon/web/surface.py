"""A set of pages: the till's or head office's. Who asks, in which language; what is shown around every screen.

A page is asked for by GET at an address that is its whole state: a reload, a push and the return after a restart all do
the same. What changes something is a POST, answered with the way to a page (303) or with the form again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from hashlib import blake2b
from typing import Final
from urllib.parse import urlsplit

from daemon.desk.condition import LinkShown
from daemon.desk.desks import Desks
from daemon.desk.premises import Call
from daemon.domain.change import Actor
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.role import Right, may
from daemon.errors import ComptoirError, Forbidden, NotFound, Unidentified
from daemon.web.aside import Asides, Notice, Word
from daemon.web.callers import Caller, caller_of, form_token, terminal_of
from daemon.web.device_words import faulty
from daemon.web.http import UPLOAD, UPLOAD_CHUNK, Request, Response, RouteDef, get, post
from daemon.web.i18n import LANGUAGES, Language, Words
from daemon.web.page_problem import details_of, sentence_of, status_of
from daemon.web.pages import Pages
from daemon.web.parts import WebParts
from daemon.web.screen_settings import ScreenSettings, keep_settings, settings_of
from daemon.web.static_files import StaticFiles
from daemon.web.truth_line import TruthLine, truth_line, with_clock, with_device

NOBODY: Final = Caller(actor=Actor())
OCTETS: Final = "application/octet-stream"
_KEY_LENGTH_MAX: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the pages are: names for the top bar, and the lane whose sale they serve.

    Without a name the till is called by its site, the shop as the chain calls it.
    """

    chain: str
    shop: str = ""
    till: str = ""
    site: int = 0
    language: Language = "fr"
    lane: str = "1"
    zone: tzinfo | None = None
    """None: the zone of this machine."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageCall:
    """One request for a page, read: who asks, in which language, where, with what in the form."""

    caller: Caller
    words: Words
    address: str = field(repr=False)
    heard: str = ""
    """The last live event before this page was asked for: what comes after it, the page is told."""
    is_known_screen: bool = False
    """Whether a badge may log in here."""
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    chunks: AsyncIterator[bytes] | None = field(default=None, repr=False)
    """The body of an upload, as it comes in; what is said of it is in `form`."""

    def id(self, name: str = "id") -> EntityId:
        """An id in the path; raises NotFound."""
        return entity(self.path[name])

    def may(self, right: str) -> bool:
        """Whether the actor has a right; templates name it by its word."""
        return may(self.caller.actor.role, Right(right))

    @property
    def session(self) -> str:
        """The key of what is kept in mind for this session; the token itself is kept nowhere."""
        return blake2b(self.caller.token.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


Act = Callable[[PageCall], Awaitable[Response]]


def entity(text: str) -> EntityId:
    """An id as addresses and forms carry it; raises NotFound for what cannot be one."""
    found = parse_entity(text)
    if found is None:
        raise NotFound("an id is 16 hexadecimal digits", field="id")
    return found


class Surface:
    """The pages under one root, such as `/caisse`."""

    def __init__(self, parts: WebParts, place: Place, static: StaticFiles, *, root: str, name: str) -> None:
        self.parts = parts
        self.place = place
        self.root = root
        self.asides = Asides()
        self._name = name
        self._pages = Pages(static.address)
        self._words = {language: Words(language, place.zone) for language in LANGUAGES}

    @property
    def desks(self) -> Desks:
        """The desks behind the pages."""
        return self.parts.desks

    @property
    def now_ms(self) -> int:
        """Milliseconds of the daemon's clock."""
        return self.parts.clock.now_ms()

    @property
    def is_offline(self) -> bool:
        """Whether head office is known to be out of reach."""
        link = self.parts.link() if self.parts.link is not None else None
        return link is not None and not link.online

    # ---- routes ------------------------------------------------------------------------------------------------------

    def get(self, path: str, act: Act, right: Right = Right.READ) -> RouteDef:
        """A page for who has this right."""
        return get(self.root + path, self._answering(act, right))

    def post(self, path: str, act: Act, right: Right) -> RouteDef:
        """A change for who has this right."""
        return post(self.root + path, self._answering(act, right))

    def upload(self, path: str, act: Act, right: Right) -> RouteDef:
        """A file sent as the body, for who has this right; it takes the time that it takes."""
        return post(self.root + path, self._answering(act, right), name=UPLOAD)

    def home(self) -> RouteDef:
        """The bare address of this machine leads to the first page."""

        async def answer(_: Request) -> Response:
            return self.go(self.root)

        return get("/", answer)

    def _answering(self, act: Act, right: Right) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                caller = await caller_of(request, self.parts)
            except Unidentified:
                call = await self.read(request, NOBODY)
                found = await self.log_in(call, call.form.get("at") or call.address)
                return self._with_language(request, found)
            call = await self.read(request, caller)
            try:
                if not may(caller.actor.role, right):
                    raise Forbidden(f"the role {caller.actor.role} has not the right to {right.value}")
                found = await act(call)
            except ComptoirError as refused:
                found = await self._refused(call, refused, changing=request.method == "POST")
            return self._with_language(request, found)

        return answer

    async def read(self, request: Request, caller: Caller) -> PageCall:
        """A request as the pages see it."""
        form = await request.post() if request.method == "POST" else {}
        chunks = None
        if request.method == "POST" and request.content_type == OCTETS:
            form, chunks = request.query, request.content.iter_chunked(UPLOAD_CHUNK)
        return PageCall(
            caller=caller,
            words=self._words_of(request),
            address=request.rel_url.raw_path_qs,
            heard=self.parts.live.last_id,
            is_known_screen=bool(terminal_of(request, self.parts)),
            screen=settings_of(request),
            path=dict(request.match_info),
            query=dict(request.query),
            form={name: value for name, value in form.items() if isinstance(value, str)},
            chunks=chunks,
        )

    def _words_of(self, request: Request) -> Words:
        """The language asked for, else the one chosen before, else the place's own."""
        for asked in (request.query.get("lang"), settings_of(request).language):
            for language, words in self._words.items():
                if asked == language:
                    return words
        return self._words[self.place.language]

    def _with_language(self, request: Request, response: Response) -> Response:
        """Keep a language that was asked for."""
        if request.query.get("lang") in LANGUAGES:
            keep_settings(response, lang=request.query["lang"])
        return response

    async def _refused(self, call: PageCall, error: ComptoirError, *, changing: bool) -> Response:
        """A change that was refused is told above the page that it came from; a page that cannot be had says why."""
        sentence = sentence_of(error, call.words)
        if changing:
            told = Notice(kind="problem", sentence=sentence, details=details_of(error), at=self.back(call))
            self.notify(call, told)
            return self.go(self.back(call))
        view = {"sentence": sentence, "details": details_of(error)}
        return await self.show(call, "problem.html.j2", status=status_of(error), **view)

    # ---- answers -----------------------------------------------------------------------------------------------------

    async def show(self, call: PageCall, template: str, *, status: int = 200, **view: object) -> Response:
        """A whole page, with all that stands around every screen."""
        now_ms, words = self.now_ms, call.words
        notice = self.asides.notice(call.session, now_ms)
        if notice is not None and _is_over(notice, call.address):
            notice = None
            self.notify(call, None)
        link = self.parts.link() if self.parts.link is not None else None
        around = {
            "operator": await self._operator_name(call),
            "shop": self.place.shop or await self._shop_name(),
            "till": await self._till_name(call.words),
            "form_token": form_token(call.caller.token, self.parts) if call.caller.token else "",
            "truth": await self._truth(link, words),
            "notice": notice,
            "notice_name": await self._notice_name(notice),
            "word": self.asides.take_word(call.session),
        }
        return self.part(call, template, status=status, **around, **view)

    async def _truth(self, link: LinkShown | None, words: Words) -> TruthLine:
        """The one line that is never wrong."""
        copy, room = await self.desks.lookup.copy(), self.desks.condition.room()
        truth = truth_line(copy, link, words, self.now_ms, is_hub=self.parts.is_hub, is_full=room.is_full)
        timed = with_clock(truth, self.parts.clock_doubt() if self.parts.clock_doubt is not None else None, words)
        return with_device(timed, faulty(self.parts.devices() if self.parts.devices is not None else (), words))

    def part(self, call: PageCall, template: str, *, status: int = 200, **view: object) -> Response:
        """A piece of a page; HTML is never kept by the browser."""
        fixed = {"root": self.root, "surface": self._name, "place": self.place, "call": call, "now_ms": self.now_ms}
        text = self._pages.render(template, call.words, **fixed, **view)
        return Response(text=text, status=status, content_type="text/html", charset="utf-8")

    async def log_in(self, call: PageCall, onward: str, *, sentence: str = "", chosen: str = "") -> Response:
        """The log-in page, in place of whatever was asked for; `onward` follows it."""
        return self.part(
            call,
            "log_in.html.j2",
            status=401 if call.form else 200,
            operators=await self.desks.operators.operators(),
            shop=self.place.shop or await self._shop_name(),
            till=await self._till_name(call.words),
            onward=self.own(onward),
            sentence=sentence,
            chosen=chosen,
        )

    def go(self, where: str) -> Response:
        """On to a page."""
        return Response(status=303, headers={"Location": where})

    def onward(self, call: PageCall, where: str) -> Response:
        """On to what waited for a form to be saved, such as a scan; else there."""
        asked = call.form.get("onward", "")
        return self.go(self.own(asked) if asked else where)

    def back(self, call: PageCall) -> str:
        """The page where a form stood."""
        return self.own(call.form.get("at", ""))

    def own(self, address: str) -> str:
        """An address if it is a page of ours, else the first one."""
        parts = urlsplit(address)
        ours = parts.path == self.root or parts.path.startswith(f"{self.root}/")
        plain = not parts.netloc and not parts.scheme and address.isprintable()
        return address if ours and plain else self.root

    # ---- what is kept in mind ----------------------------------------------------------------------------------------

    def change(self, call: PageCall) -> Call:
        """The change that a form asks for; sent twice with its key, it happens once."""
        key = call.form.get("key", "")[:_KEY_LENGTH_MAX]
        if not key:
            return Call(actor=call.caller.actor)
        state = blake2b(key=self.parts.secret[:64], digest_size=16)
        for part in (call.address, *(text for pair in sorted(call.form.items()) for text in pair)):
            raw = part.encode("utf-8", "surrogatepass")
            state.update(len(raw).to_bytes(8, "big") + raw)
        return Call(actor=call.caller.actor, key=f"page-{key}", fingerprint=state.digest())

    def notify(self, call: PageCall, notice: Notice | None) -> None:
        """Show a bar above the screen of this session, or take it away."""
        self.asides.put(call.session, notice, self.now_ms)

    def say(self, call: PageCall, word: Word) -> None:
        """Have the next page say this for some seconds."""
        self.asides.say(call.session, word)

    async def _notice_name(self, notice: Notice | None) -> str:
        """Whose card is held, while the customer is there."""
        if notice is None or notice.kind != "held" or not notice.customers:
            return ""
        try:
            return (await self.desks.lookup.customer(entity(notice.customers[0]))).display_name
        except NotFound:
            return ""

    async def _shop_name(self) -> str:
        """What the chain calls this shop."""
        found = await self.desks.shops.shops()
        return next((shop.label for shop in found.shops if shop.shop == found.here), "")

    async def _till_name(self, words: Words) -> str:
        """What this till is called: as configured, as head office says, else by its number."""
        label = self.place.till or await self.desks.shops.till_label()
        return label or words.text("Till %(site)s", site=self.place.site)

    async def _operator_name(self, call: PageCall) -> str:
        operators = await self.desks.operators.operators()
        return next((one.display_name for one in operators if one.id == call.caller.actor.id), "")


def _is_over(notice: Notice, address: str) -> bool:
    """Whether a notice is about a page that is not shown any more."""
    return bool(notice.at) and urlsplit(notice.at).path != urlsplit(address).path
