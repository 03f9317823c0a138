"""Thousands of tills come back at once: every one catches up, and the hub says the same things once."""

import heapq
from collections.abc import Callable

from daemon.domain.change import Record, link
from daemon.domain.feed import CHAIN, Cursor, Frame, Head, Mark, Scope
from daemon.hub import commands as hub
from daemon.hub.relay import Relay
from daemon.sync import commands as till
from daemon.sync import wire
from daemon.sync.session import Session
from tests.fakes.chance import Random

TILLS = 2_000
RECORDS = 300
PER_FRAME = 10
ROUND_TRIP_MS = 40


class Chain:
    """One real relay and many real sessions, in virtual time; their stores are a counter each."""

    def __init__(self) -> None:
        self.now = 0
        self.chance = Random(7)
        self.records = [Record(b"header %d" % at, ((bytes(16),),)) for at in range(RECORDS)]
        self.chains = [bytes(16)]
        for record in self.records:
            self.chains.append(link(self.chains[-1], record.header, [bytes(16)]))
        self.relay = Relay(boot=b"hubboot.")
        self.sessions = {site: Session() for site in range(2, TILLS + 2)}
        self.offsets = dict.fromkeys(self.sessions, 0)
        self.said = {"to one": 0, "to all": 0}
        self.frames_to_one = 0
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._serial = 0

    def at(self, ms: int, work: Callable[[], None]) -> None:
        self._serial += 1
        heapq.heappush(self._queue, (ms, self._serial, work))

    def run(self, until_ms: int) -> None:
        while self._queue and self._queue[0][0] <= until_ms:
            self.now, _, work = heapq.heappop(self._queue)
            work()
        self.now = until_ms

    # The hub.

    def to_hub(self, event: hub.Event) -> None:
        pending = [event]
        while pending:
            for command in self.relay.step(pending.pop(0), self.now):
                pending += self._hub_does(command)

    def _hub_does(self, command: hub.Command) -> list[hub.Event]:
        match command:
            case hub.LookUp(hello):
                head = Head(hello.head.incarnation)
                standing = wire.FeedStanding(Cursor(1, RECORDS, self.chains[-1]), hello.cursors[CHAIN])
                return [hub.Known(hello, head, {CHAIN: standing}, ahead=False)]
            case hub.FindFrame(scope, after, site):
                records = tuple(self.records[after : after + PER_FRAME])
                frame = Frame(scope, 1, after + 1, self.chains[after], records) if records else None
                return [hub.FrameFound(scope, site, frame)]
            case hub.FindRoot(scope):
                return [hub.RootFound(Mark(scope, Cursor(1, RECORDS, self.chains[-1]), bytes(16), self.now))]
            case hub.Send(site, message):
                self.said["to one"] += 1
                self.frames_to_one += isinstance(message, wire.Ordered)
                self.at(self.now + ROUND_TRIP_MS // 2, lambda: self.to_till(site, till.Heard(message)))
            case hub.Publish(_, message):
                self.said["to all"] += 1
                for site in self.sessions:
                    self.at(self.now + ROUND_TRIP_MS // 2, lambda site=site: self.to_till(site, till.Heard(message)))  # type: ignore[misc]  # bound now
            case _:
                pass
        return []

    # The tills.

    def standing(self, site: int) -> till.Standing:
        at = self.offsets[site]
        cursors: dict[Scope, Cursor] = {CHAIN: Cursor(1, at, self.chains[at])}
        return till.Standing(site, b"boot%04d" % site, bytes(8), Head(site), 0, cursors, "0")

    def to_till(self, site: int, event: till.Event) -> None:
        pending = [event]
        while pending:
            for command in self.sessions[site].step(pending.pop(0), self.now, self.chance.random()):
                pending += self._till_does(site, command)

    def _till_does(self, site: int, command: till.Command) -> list[till.Event]:
        match command:
            case till.Send(message):
                self.at(self.now + ROUND_TRIP_MS // 2, lambda: self.to_hub(hub.Heard(site, message)))
            case till.Anchor():
                return [till.Moved(self.standing(site))]
            case till.FindChain(seq):
                return [till.ChainFound(seq, bytes(16))]
            case till.Load():
                return [till.Loaded(None)]
            case till.LoadLost():
                return [till.LostLoaded(None)]
            case till.Apply(frame):
                self.offsets[site] = frame.last
                return [till.Applied(CHAIN, Cursor(1, frame.last, self.chains[frame.last]))]
            case till.Compare(mark):
                return [till.Compared(mark.scope, comparable=True, equal=True)]
            case _:
                pass
        return []

    def tick(self, site: int) -> None:
        self.to_till(site, till.Tick())
        self.at(self.now + 1_000, lambda: self.tick(site))

    def tick_hub(self) -> None:
        self.to_hub(hub.Tick())
        self.at(self.now + 250, self.tick_hub)


def test_two_thousand_tills_catch_up_within_a_minute_and_most_of_it_is_said_once() -> None:
    chain = Chain()
    chain.to_hub(hub.Moved({CHAIN: Cursor(1, RECORDS, chain.chains[-1])}))
    chain.tick_hub()
    for site in chain.sessions:
        at = chain.chance.randrange(1_500)
        chain.at(at, lambda site=site: chain.to_till(site, till.LinkUp(chain.standing(site))))  # type: ignore[misc]  # bound now
        chain.at(at + 1, lambda site=site: chain.tick(site))  # type: ignore[misc]  # bound now
    chain.run(60_000)
    behind = [site for site, offset in chain.offsets.items() if offset != RECORDS]
    assert behind == []
    alone = TILLS * RECORDS // PER_FRAME
    assert chain.frames_to_one < alone / 8, f"{chain.frames_to_one} frames to single tills, {alone} if each were alone"
