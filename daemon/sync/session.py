"""The till's side of the conversation with the hub: a pure machine, told events and the time, returning commands.

    DOWN ──LinkUp──▶ GREETING ──Welcome──▶ PLACING ──placed──▶ LIVE
      ▲                                       ▲                  │ Welcome, ResealWanted, Refused
      └──────────────LinkDown (from any)──────┴──────────────────┘

The hub states what it holds of this till; the till decides. Nothing here depends on the broker's memory: what is lost
on the way is asked for or sent again.
"""

from dataclasses import dataclass, field, replace
from enum import Enum

from typing_extensions import override

from daemon.domain.change import NO_CHAIN
from daemon.domain.feed import Mark, Scope
from daemon.sync import commands as do
from daemon.sync import wire
from daemon.sync.inbox import GAP_SPREAD_MS, Inbox
from daemon.sync.outbox import Outbox
from daemon.sync.placing import follow, place, without_echo
from daemon.sync.reporting import Reporting, States
from daemon.sync.upkeep import Upkeep
from daemon.sync.wire_rows import Digest, Rows, RowsHeld, RowsMissed, TakenBack

GREETING_PATIENCE_MS = 10_000
HALF_WAY_MS_MAX = 250
"""By so much an answer is taken to have been under way at most: what took longer was the waiting of the question."""
HUB_SEEN_SPREAD_MS = 1_500
"""A hub that comes back is greeted after a wait of up to so long, by chance: the whole chain sees it at once."""


class Phase(Enum):
    """How far the conversation is."""

    DOWN = "down"
    GREETING = "greeting"
    PLACING = "placing"
    LIVE = "live"


@dataclass(slots=True)
class Session:
    """One till's conversation. `step` is its only way in."""

    phase: Phase = Phase.DOWN
    standing: do.Standing | None = None
    inboxes: dict[Scope, Inbox] = field(default_factory=dict)
    outbox: Outbox = field(default_factory=Outbox)
    upkeep: Upkeep = field(default_factory=Upkeep)
    greet_by_ms: int = 0
    reporting: Reporting = field(default_factory=Reporting)
    spread_ms: int = 0
    greeting: int = 0
    hellos: dict[int, int] = field(default_factory=dict)  # when each hello of this greeting was said
    welcome: wire.Welcome | None = None
    heard_ms: int = 0
    chance: float = 0.0
    hub_boot: bytes = b""
    seen_boot: bytes = b""
    regreet_at_ms: int | None = None

    @override
    def __str__(self) -> str:
        seq = self.standing.head.seq if self.standing else 0
        return f"{self.phase.value} sent {self.outbox.sent_seq}/{seq} under way {len(self.outbox.under_way)}"

    def step(self, event: do.Event, now_ms: int, chance: float) -> list[do.Command]:
        """What to do about one event. `now_ms` never goes back; `chance` in [0, 1) spreads questions over time."""
        self.chance = chance
        match event:
            case do.LinkUp() | do.LinkDown() | do.Moved() | do.ChainFound():
                return self._positioned(event, now_ms)
            case do.HubSeen(boot):
                return self._hub_seen(boot, now_ms)
            case do.Heard(message):
                self.heard_ms = now_ms
                return self._hear(message, now_ms)
            case do.Recorded() | do.Loaded():
                return self._recorded(event, now_ms)
            case do.Applied() | do.NotApplied() | do.Compared():
                return self._followed(event, now_ms)
            case do.Differs() | do.TookRows() | do.Scrubbed() | do.Damaged() | do.LostLoaded() | do.HeldFound():
                return self._kept_up(event, now_ms)
            case do.Tick(devices):
                return self._tick(devices, now_ms)

    def next_wake_ms(self, now_ms: int) -> int:
        """When to tick next, at the latest."""
        times = [now_ms + 1000, *([self.reporting.at_ms] if self.phase is Phase.LIVE else [])]
        times += [] if self.regreet_at_ms is None else [self.regreet_at_ms]
        times += [box.ask_at_ms for box in self.inboxes.values() if box.ask_at_ms is not None]
        one = self.upkeep.refetch
        times += [one.ask_at_ms] if one is not None and one.ask_at_ms > now_ms else []
        times += [self.upkeep.scrub_at_ms] if self.upkeep.scrub_at_ms > now_ms else []
        return max(min(times), now_ms + 10)

    # Greeting and placing.

    def _positioned(self, event: do.LinkUp | do.LinkDown | do.Moved | do.ChainFound, now_ms: int) -> list[do.Command]:
        match event:
            case do.LinkUp(standing):
                return self._greet(standing, now_ms)
            case do.LinkDown():
                self.phase = Phase.DOWN
                return []
            case do.Moved(standing):
                return self._moved(standing, now_ms)
            case do.ChainFound(_, chain):
                return self._place(chain, now_ms)

    def _greet(self, standing: do.Standing, now_ms: int) -> list[do.Command]:
        self._stand(standing)
        self.upkeep.link_up()
        self.phase = Phase.DOWN
        self.reporting.link_up(now_ms)
        return self._say_hello(standing, now_ms)

    def _say_hello(self, standing: do.Standing, now_ms: int) -> list[do.Command]:
        """Ask where the hub stands; the answer to any hello since this phase began will do, and to no other."""
        self.greeting += 1
        kept = {n: at_ms for n, at_ms in self.hellos.items() if self.phase is Phase.GREETING and n > self.greeting - 4}
        self.hellos = {**kept, self.greeting: now_ms}
        self.phase = Phase.GREETING
        self.welcome = None
        self.greet_by_ms = now_ms + GREETING_PATIENCE_MS
        self.regreet_at_ms = None
        hello = wire.Hello(
            site=standing.site,
            boot=standing.boot,
            lot=standing.lot,
            head=standing.head,
            cursors=dict(standing.cursors),
            version=standing.version,
            clock_ms=now_ms,
            greeting=self.greeting,
            trails=standing.trails,
        )
        return [do.Send(hello)]

    def _stand(self, standing: do.Standing) -> None:
        """Take a standing: sending starts again after what the hub has said to be applied."""
        self.standing = standing
        self.outbox.stand(standing.applied_seq)
        for scope, cursor in standing.cursors.items():
            box = self.inboxes.get(scope)
            if box is None:
                self.inboxes[scope] = Inbox(scope, cursor)
            else:
                box.stand(cursor)

    def _welcomed(self, welcome: wire.Welcome, now_ms: int) -> list[do.Command]:
        """The hub has said where it stands: first the time, then the positions, then the feeds."""
        if welcome.till == wire.NOBODY and self.phase is Phase.LIVE:
            return self._greet_again(now_ms)
        if self.standing is None or self.phase is not Phase.GREETING or welcome.till != self.standing.boot:
            return []
        asked_ms = self.hellos.get(welcome.greeting)
        if asked_ms is None:
            return []
        self.phase = Phase.PLACING
        self.welcome = welcome
        self.hub_boot = welcome.boot
        if self.seen_boot == welcome.boot:
            self.regreet_at_ms = None
        self.spread_ms = welcome.spread_ms
        # Half-way between question and answer (Cristian, 1989); of a question that waited long, that would be a guess.
        return [do.Anchor(welcome.hub_ms, now_ms - min((now_ms - asked_ms) // 2, HALF_WAY_MS_MAX), welcome.fenced)]

    def _moved(self, standing: do.Standing, now_ms: int) -> list[do.Command]:
        self._stand(standing)
        if self.phase is not Phase.PLACING:
            return []
        welcome = self.welcome
        if welcome is None:
            return self._live(now_ms)
        head = welcome.head
        if head is None or head.incarnation != standing.head.incarnation:
            return self._place(NO_CHAIN, now_ms)
        return [do.FindChain(head.seq)]

    def _place(self, chain: bytes | None, now_ms: int) -> list[do.Command]:
        """Both positions are known: decide, once for each welcome."""
        standing, welcome = self.standing, self.welcome
        if standing is None or welcome is None or self.phase is not Phase.PLACING:
            return []
        self.welcome = None
        feeds, lost = self._rewinds(welcome)
        move = place(standing.head, standing.applied_seq, welcome.head, chain)
        if lost and not isinstance(move, do.BeginAgain):
            # What the hub lost may lie in earlier incarnations of this till too: all of it goes again, anew.
            move = do.BeginAgain(new_holder=False)
        if isinstance(move, do.Settle):
            self.standing = replace(standing, applied_seq=move.seq)
            self.outbox.skip_to(move.seq)
            return [*feeds, move, *self._without_echo(welcome), *self._live(now_ms)]
        return [*feeds, *([*self._without_echo(welcome), *self._live(now_ms)] if move is None else [move])]

    def _without_echo(self, welcome: wire.Welcome) -> list[do.Command]:
        standing = {scope: box.cursor for scope, box in self.inboxes.items() if not self.upkeep.fills(scope)}
        return [*without_echo(welcome, standing)]

    def _rewinds(self, welcome: wire.Welcome) -> tuple[list[do.Command], bool]:
        """Follow feeds whose hub was restored from the fork on; note how far the others are.

        Also says whether the hub lost something that this till had followed.
        """
        found: list[do.Command] = []
        lost, begun = False, self.standing.fillings if self.standing is not None else {}
        for scope, theirs in welcome.feeds.items():
            box = self.inboxes.get(scope)
            if box is None:
                continue
            cursor = follow(box.cursor, theirs)
            self.upkeep.plan(scope, cursor, theirs, begun.get(scope))
            if cursor != box.cursor:
                # Of own records that wait again while a fill begins no echo will come: they need positions as well.
                lost = lost or cursor.offset < box.cursor.offset or scope in begun
                found.append(do.Rewind(scope, cursor))
                box.stand(cursor)
                box.mark = None
            box.known_head = theirs.head.offset
        return found, lost

    def _live(self, now_ms: int) -> list[do.Command]:
        self.phase = Phase.LIVE
        self.reporting.live(now_ms)
        return [*self.upkeep.begin_return(), *self._follow_all(now_ms, self.spread_ms)]

    # Hearing.

    def _hear(self, message: wire.Message, now_ms: int) -> list[do.Command]:
        match message:
            case wire.Welcome():
                return self._welcomed(message, now_ms)
            case wire.Ack() if self._is_mine(message):
                return self._acknowledged(message.seq, now_ms)
            case wire.ResealWanted() | wire.Refused() if self._is_mine(message):
                return [self._objected(message)]
            case wire.Ordered(frame) if self.phase is Phase.LIVE and frame.scope in self.inboxes:
                box = self.inboxes[frame.scope]
                box.hear(frame)
                return self._next(box, now_ms, GAP_SPREAD_MS)
            case wire.Marked(mark) if self.phase is Phase.LIVE and mark.scope in self.inboxes:
                return self._marked(self.inboxes[mark.scope], mark, now_ms)
            case RowsMissed(keys):
                return [do.FindHeld(keys)]
            case Digest() | Rows() | TakenBack() if self.phase is Phase.LIVE:
                return self.upkeep.hear(message, lambda scope: self.inboxes[scope].cursor, now_ms)
            case _:
                return []

    def _objected(self, message: wire.ResealWanted | wire.Refused) -> do.Command:
        """The hub cannot order a record as it is: nothing is sent until it is restamped or set aside."""
        self.phase = Phase.PLACING
        self.welcome = None
        if isinstance(message, wire.ResealWanted):
            return do.Reseal(message.hub_ms, message.seq)
        return do.SetAside(message.seq, message.reason)

    def _marked(self, box: Inbox, mark: Mark, now_ms: int) -> list[do.Command]:
        assert self.standing is not None
        there, here = mark.cursor, box.cursor
        behind_us = there.generation == here.generation and there.offset < here.offset
        if there.generation > here.generation or behind_us:
            # The hub was restored while this link stood, told or not: greet again and hear where the fork is.
            return self._greet_again(now_ms)
        box.hear_mark(mark)
        return self._next(box, now_ms, GAP_SPREAD_MS)

    def _greet_again(self, now_ms: int) -> list[do.Command]:
        assert self.standing is not None
        standing = replace(self.standing, cursors={scope: box.cursor for scope, box in self.inboxes.items()})
        return self._say_hello(standing, now_ms)

    def _is_mine(self, answer: wire.Ack | wire.ResealWanted | wire.Refused) -> bool:
        if self.phase is not Phase.LIVE or self.standing is None:
            return False
        return (answer.till, answer.incarnation) == (self.standing.boot, self.standing.head.incarnation)

    # Sending.

    def _acknowledged(self, seq: int, now_ms: int) -> list[do.Command]:
        if self.standing is None or seq <= self.standing.applied_seq:
            return []
        self.standing = replace(self.standing, applied_seq=seq)
        self.outbox.acknowledged(seq, now_ms)
        return [do.Settle(seq, 0), *self._upload(now_ms)]

    def _recorded(self, event: do.Recorded | do.Loaded, now_ms: int) -> list[do.Command]:
        if isinstance(event, do.Recorded):
            self.outbox.recorded()
            return self._upload(now_ms)
        standing = self.standing
        if self.phase is not Phase.LIVE or standing is None:
            self.outbox.loading = False
            return []
        sent = self.outbox.loaded(event.batch, standing.head.incarnation, standing.boot, now_ms)
        return [*sent, *self._upload(now_ms)]

    def _upload(self, now_ms: int) -> list[do.Command]:
        is_held = self.phase is not Phase.LIVE or self.upkeep.holds_back
        return [] if is_held else [*self.outbox.next(), *self._ask_rows(now_ms)]

    # Following.

    def _followed(self, event: do.Applied | do.NotApplied | do.Compared, now_ms: int) -> list[do.Command]:
        box = self.inboxes.get(event.scope)
        if box is None:
            return []
        match event:
            case do.Applied(_, cursor, recorded):
                box.applied(cursor)
                self.outbox.nothing_left &= not recorded
            case do.NotApplied():
                box.failed(now_ms)
            case do.Compared():
                self.upkeep.compared(event, now_ms)
        if self.phase is Phase.LIVE and self._is_odd(event):
            # What does not fit here may be of another history: the hub says whether it was restored, and what it holds.
            return self._greet_again(now_ms)
        is_live = self.phase is Phase.LIVE
        return [*self._next(box, now_ms, GAP_SPREAD_MS), *self._upload(now_ms)] if is_live else []

    def _is_odd(self, event: do.Applied | do.NotApplied | do.Compared) -> bool:
        """Whether something is not as with a hub that forgets nothing: there, all that it acknowledged comes back."""
        if isinstance(event, do.Compared):
            return event.odd and self.outbox.nothing_left and not self.outbox.under_way
        return isinstance(event, do.NotApplied)

    def _follow_all(self, now_ms: int, spread_ms: int) -> list[do.Command]:
        return [command for box in self.inboxes.values() for command in self._next(box, now_ms, spread_ms)]

    def _next(self, box: Inbox, now_ms: int, spread_ms: int) -> list[do.Command]:
        """Go on with a feed, unless its rows are being taken anew."""
        return [] if self.upkeep.fills(box.scope) else box.next(now_ms, spread_ms, self.chance)

    # Keeping up.

    def _kept_up(self, event: do.KeptUp, now_ms: int) -> list[do.Command]:
        match event:
            case do.LostLoaded(frame):
                return [*self.upkeep.give_back(frame, now_ms), *self._upload(now_ms)]
            case do.HeldFound(rows):
                return [do.Send(RowsHeld(rows))] if rows else []
            case do.Differs() | do.TookRows():
                return self._fetched(event, now_ms)
            case do.Damaged(_, applying) if applying is not None:
                self.inboxes[applying].failed(now_ms)
        self.upkeep.damaged(event, self.inboxes, now_ms)
        return self._ask_rows(now_ms)

    def _fetched(self, event: do.Differs | do.TookRows, now_ms: int) -> list[do.Command]:
        done = self.upkeep.fetched(event, now_ms)
        if done is not None and done.is_fill and not done.is_history and isinstance(event, do.TookRows):
            self.inboxes[done.scope].stand(event.cursor)
            if self.standing is not None:
                self.standing.fillings.pop(done.scope, None)
        if isinstance(event, do.TookRows):
            self.inboxes[event.portion.scope].took_rows(event.portion.cursor.offset)
            if event.recorded:
                self.outbox.recorded()
        if done is None:
            feed = self._next(self.inboxes[event.portion.scope], now_ms, 0) if isinstance(event, do.TookRows) else []
            return [*feed, *self._ask_rows(now_ms), *self._upload(now_ms)]
        return [*self._upload(now_ms), *self._follow_all(now_ms, 0)]

    def _ask_rows(self, now_ms: int) -> list[do.Command]:
        if self.standing is None or self.phase is not Phase.LIVE:
            return []
        caught_up = {scope for scope, box in self.inboxes.items() if box.is_caught_up}
        return self.upkeep.ask(now_ms, self.standing.boot, settled=self.outbox.is_settled, caught_up=caught_up)

    def _hub_seen(self, boot: bytes, now_ms: int) -> list[do.Command]:
        """A hub in another boot than the one that welcomed us has lost what was on its way to it."""
        self.seen_boot = boot
        if boot != self.hub_boot and self.phase in (Phase.GREETING, Phase.LIVE):
            self.regreet_at_ms = now_ms + int(self.chance * HUB_SEEN_SPREAD_MS)
        return []

    def _is_greeting_due(self, now_ms: int) -> bool:
        if self.phase not in (Phase.GREETING, Phase.LIVE):
            return False
        if self.regreet_at_ms is not None and now_ms >= self.regreet_at_ms:
            return True
        return self.phase is Phase.GREETING and now_ms >= self.greet_by_ms

    def _tick(self, devices: States, now_ms: int) -> list[do.Command]:
        if self._is_greeting_due(now_ms) and self.standing is not None:
            return self._greet_again(now_ms)
        if self.phase is not Phase.LIVE:
            return []
        if self.outbox.is_overdue(now_ms):
            # Batches or their acknowledgements were lost: the hub says where it stands, and all goes again from there.
            return self._greet_again(now_ms)
        found = self.upkeep.tick(now_ms)
        if self.reporting.is_due(devices, now_ms):
            found.append(do.SendReport(self.hub_boot))
        return [*found, *self._upload(now_ms), *self._follow_all(now_ms, GAP_SPREAD_MS)]
