"""A session of a till that is talked to: what is said to it, what it says and wants."""

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.feed import CHAIN, Batch, Cursor, Frame, Head, Mark, Scope
from daemon.domain.kind_shape import Reach
from daemon.sync import commands as do
from daemon.sync import wire
from daemon.sync.session import Phase, Session

BOOT, HUB, LOT = b"tillboot", b"hubboot.", b"lotlotlo"
INCARNATION = 7
SITE = Scope(Reach.SITE, 2)
RECORD = Record(b"header", (b"slot",))


def chain(name: str) -> bytes:
    return name.encode().ljust(16, b".")


def standing(seq: int = 0, *, applied: int = 0, offset: int = 0, generation: int = 1) -> do.Standing:
    cursor = Cursor(generation, offset, chain(f"feed{offset}") if offset else NO_CHAIN)
    head = Head(INCARNATION, seq, chain(f"own{seq}") if seq else NO_CHAIN)
    return do.Standing(2, BOOT, LOT, head, applied, {CHAIN: cursor, SITE: Cursor()}, "0.1.0")


def batch(first: int, last: int) -> Batch:
    return Batch(2, INCARNATION, first, chain(f"own{first - 1}"), (RECORD,) * (last - first + 1))


def frame(first: int, last: int, generation: int = 1) -> Frame:
    return Frame(CHAIN, generation, first, chain(f"feed{first - 1}"), (RECORD,) * (last - first + 1))


def mark(offset: int, generation: int = 1) -> wire.Marked:
    return wire.Marked(Mark(CHAIN, Cursor(generation, offset, chain(f"feed{offset}")), bytes(16), 0))


class Conversation:
    """A session and what it was told last; `at` is the time."""

    def __init__(self, here: do.Standing | None = None) -> None:
        self.session = Session()
        self.at = 1_000_000
        self.here = here or standing()

    def tell(self, event: do.Event, *, after_ms: int = 0) -> list[do.Command]:
        self.at += after_ms
        return self.session.step(event, self.at, 0.5)

    def hear(self, message: wire.Message, *, after_ms: int = 0) -> list[do.Command]:
        return self.tell(do.Heard(message), after_ms=after_ms)

    def welcome(self, head: Head | None = None, feed: Cursor | None = None, fork: Cursor | None = None) -> wire.Welcome:
        feed = feed or self.here.cursors[CHAIN]
        feeds = {CHAIN: wire.FeedStanding(feed, fork or feed), SITE: wire.FeedStanding(Cursor(), Cursor())}
        return wire.Welcome(HUB, 50, head, feeds, 0, BOOT, self.session.greeting)

    def go_live(self, head: Head | None = None) -> list[do.Command]:
        """From nothing to LIVE with a hub that holds `head`."""
        self.tell(do.LinkUp(self.here))
        assert self.hear(self.welcome(head)) == [do.Anchor(50, self.at)]
        commands = self.tell(do.Moved(self.here))
        if head is not None:
            assert commands == [do.FindChain(head.seq)]
            commands = self.tell(do.ChainFound(head.seq, chain(f"own{head.seq}") if head.seq else NO_CHAIN))
        assert self.session.phase is Phase.LIVE
        return [*(one for one in commands if one != do.LoadLost()), *self.give_nothing_back(commands)]

    def give_nothing_back(self, commands: list[do.Command]) -> list[do.Command]:
        """The hub has lost nothing: nothing stands before what there is to send."""
        assert do.LoadLost() in commands
        return self.tell(do.LostLoaded(None))

    def tick(self, after_ms: int) -> list[do.Command]:
        """Time passes; looking at rows goes on beside all that."""
        return [one for one in self.tell(do.Tick(), after_ms=after_ms) if not isinstance(one, do.Scrub)]


def sent(commands: list[do.Command]) -> list[wire.Message]:
    return [command.message for command in commands if isinstance(command, do.Send)]
