"""The hub's side of the conversation, as scripts."""

from dataclasses import replace

import pytest

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.feed import CHAIN, Batch, Cursor, Frame, Head, Mark, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.portion import BEFORE_ALL, Portion
from daemon.hub import commands as do
from daemon.hub.questions import ANSWERS_MAX
from daemon.hub.relay import FLUSH_MS, GENERATIONS_AHEAD_MAX, MARK_EVERY_MS, SPREAD_TILLS, Relay
from daemon.sync import wire
from daemon.sync.wire_rows import DigestWanted, Returned, Rows, RowsHeld, RowsWanted, TakenBack

TILL = b"tillboot"
RECORD = Record(b"header", (b"slot",))


def hello(site: int = 2, greeting: int = 3) -> wire.Hello:
    return wire.Hello(site, TILL, b"lotlotlo", Head(7), {CHAIN: Cursor()}, "0.1.0", 5, greeting)


def frame(first: int, last: int, scope: Scope = CHAIN) -> Frame:
    return Frame(scope, 1, first, NO_CHAIN, (RECORD,) * (last - first + 1))


def batch(site: int = 2) -> Batch:
    return Batch(site, 7, 1, NO_CHAIN, (RECORD,))


class Office:
    """A relay and the time; started with what its feeds hold."""

    def __init__(self, **heads: int) -> None:
        self.relay = Relay(boot=b"hubboot.")
        self.at = 1_000_000
        self.tell(self.moved(**heads))

    def moved(self, **heads: int) -> do.Moved:
        scopes = {"chain": CHAIN, "site": Scope(Reach.SITE, 2)}
        return do.Moved({scopes[name]: Cursor(1, offset, NO_CHAIN) for name, offset in heads.items()})

    def tell(self, event: do.Event, *, after_ms: int = 0) -> list[do.Command]:
        """What is wanted, but for the looks at stored rows: `test_mending` has those."""
        self.at += after_ms
        return [one for one in self.relay.step(event, self.at) if not isinstance(one, do.Scrub)]

    def hear(self, message: wire.Message, site: int = 2) -> list[do.Command]:
        return self.tell(do.Heard(site, message))


# Greeting.


def test_a_hello_is_noted_looked_up_and_answered_to_the_box_that_said_it() -> None:
    office = Office(chain=4)
    assert office.hear(hello()) == [do.Note(2, hello=hello()), do.LookUp(hello())]
    feeds = {CHAIN: wire.FeedStanding(Cursor(1, 4, NO_CHAIN), Cursor())}
    (answer,) = office.tell(do.Known(hello(), Head(7, 2, NO_CHAIN), feeds, ahead=False))
    assert isinstance(answer, do.Send)
    assert answer == do.Send(2, wire.Welcome(b"hubboot.", office.at, Head(7, 2, NO_CHAIN), feeds, 0, TILL, greeting=3))


def test_a_till_ahead_of_this_hub_proves_that_it_was_restored() -> None:
    office = Office(chain=4)
    assert office.tell(do.Known(hello(), None, {}, ahead=True)) == [do.BeginGeneration(hello())]


def test_when_a_whole_chain_greets_at_once_tills_are_asked_to_spread_their_questions() -> None:
    office = Office(chain=4)

    def spread() -> int:
        (answer,) = office.tell(do.Known(hello(), None, {}, ahead=False))
        assert isinstance(answer, do.Send)
        assert isinstance(answer.message, wire.Welcome)
        return answer.message.spread_ms

    assert [spread() for _ in range(SPREAD_TILLS + 2)] == [0] * SPREAD_TILLS + [MARK_EVERY_MS] * 2
    office.tell(do.Tick(), after_ms=MARK_EVERY_MS)
    assert spread() == 0


def test_nobody_speaks_for_another_site() -> None:
    office = Office(chain=4)
    assert office.hear(hello(site=3)) == []
    assert office.hear(wire.Upload(batch(site=3), TILL)) == []
    assert office.hear(wire.RangeWanted(Scope(Reach.SITE, 3), 1, 0, 4)) == []
    assert office.hear(wire.Ack(7, 1, TILL)) == []


# Taking in.


def test_a_batch_is_ordered_and_acknowledged_only_when_that_is_durable() -> None:
    office = Office()
    assert office.hear(wire.Upload(batch(), TILL)) == [do.TakeIn(2, TILL, batch())]
    taken = do.Taken(2, TILL, 7, Head(7, 1, NO_CHAIN), 1)
    assert office.tell(taken) == [do.Send(2, wire.Ack(7, 1, TILL))]


def test_what_is_wrong_with_what_follows_is_said_behind_the_acknowledgement() -> None:
    office = Office()
    head = Head(7, 4, NO_CHAIN)
    assert office.tell(do.Taken(2, TILL, 7, head, 1, reseal=True)) == [
        do.Send(2, wire.Ack(7, 4, TILL)),
        do.Send(2, wire.ResealWanted(7, office.at, 5, TILL)),
    ]
    assert office.tell(do.Taken(2, TILL, 7, head, 1, reason="nonsense")) == [
        do.Send(2, wire.Ack(7, 4, TILL)),
        do.Send(2, wire.Refused(7, 5, "nonsense", TILL)),
    ]


def test_a_batch_that_does_not_continue_is_a_hint_to_greet() -> None:
    office = Office()
    (answer,) = office.tell(do.Taken(2, TILL, 7, None, 0, misplaced=True))
    assert answer == do.Send(2, wire.Welcome(b"hubboot.", office.at, None, {}))


def test_a_report_is_noted() -> None:
    office = Office()
    report = wire.Report(5, 0, 3, "0.1.0")
    assert office.hear(report) == [do.Note(2, report=report)]


# Fanning out.


def test_what_was_ordered_within_a_quarter_of_a_second_goes_out_as_one_frame_to_all() -> None:
    office = Office(chain=0)
    office.tell(do.Tick())
    assert office.tell(office.moved(chain=1)) == []
    assert office.tell(office.moved(chain=3), after_ms=FLUSH_MS - 1) == []
    assert office.tell(do.Tick(), after_ms=1) == [do.FindFrame(CHAIN, 0, 0)]
    assert office.tell(do.FrameFound(CHAIN, 0, frame(1, 3))) == [do.Publish(CHAIN, wire.Ordered(frame(1, 3)))]
    assert do.FindFrame(CHAIN, 3, 0) not in office.tell(do.Tick(), after_ms=FLUSH_MS)


def test_what_does_not_fit_into_one_frame_follows_at_once() -> None:
    office = Office(chain=0)
    office.tell(office.moved(chain=9))
    office.tell(do.Tick(), after_ms=FLUSH_MS)
    commands = office.tell(do.FrameFound(CHAIN, 0, frame(1, 6)))
    assert commands == [do.Publish(CHAIN, wire.Ordered(frame(1, 6))), do.FindFrame(CHAIN, 6, 0)]


def test_what_was_ordered_before_this_process_began_is_not_published_again() -> None:
    office = Office(chain=50)
    assert do.FindFrame(CHAIN, 0, 0) not in office.tell(do.Tick(), after_ms=FLUSH_MS)
    office.tell(office.moved(chain=51))
    assert do.FindFrame(CHAIN, 50, 0) in office.tell(do.Tick(), after_ms=FLUSH_MS)


def test_a_feed_that_begins_while_this_process_runs_is_published_from_its_start() -> None:
    office = Office(chain=50)
    office.tell(office.moved(chain=50, site=1))
    assert do.FindFrame(Scope(Reach.SITE, 2), 0, 0) in office.tell(do.Tick(), after_ms=FLUSH_MS)


def test_a_feed_whose_head_has_no_frame_is_left_alone() -> None:
    office = Office(chain=0)
    office.tell(office.moved(chain=1))
    office.tell(do.Tick(), after_ms=FLUSH_MS)
    assert office.tell(do.FrameFound(CHAIN, 0, None)) == []


def test_every_feed_is_marked_every_ten_seconds() -> None:
    office = Office(chain=5, site=1)
    assert office.tell(do.Tick()) == [do.FindRoot(CHAIN), do.FindRoot(Scope(Reach.SITE, 2))]
    assert office.tell(do.Tick(), after_ms=MARK_EVERY_MS - 1) == []
    assert len(office.tell(do.Tick(), after_ms=1)) == 2
    made = Mark(CHAIN, Cursor(1, 5, NO_CHAIN), bytes(16), office.at)
    assert office.tell(do.RootFound(made)) == [do.Publish(CHAIN, wire.Marked(made))]


# Ranges.


def answer(office: Office, site: int, first: int) -> list[do.Command]:
    return office.tell(do.FrameFound(CHAIN, site, frame(first, first)))


def test_a_range_is_answered_frame_by_frame_to_the_till_that_asked() -> None:
    office = Office(chain=9)
    assert office.hear(wire.RangeWanted(CHAIN, 1, 0, 2)) == [do.FindFrame(CHAIN, 0, 2)]
    assert answer(office, 2, 1) == [do.Send(2, wire.Ordered(frame(1, 1))), do.FindFrame(CHAIN, 1, 2)]
    assert answer(office, 2, 2) == [do.Send(2, wire.Ordered(frame(2, 2)))]


def test_tills_that_ask_for_weeks_are_answered_in_turn() -> None:
    office = Office(chain=9)
    office.hear(wire.RangeWanted(CHAIN, 1, 0, 9), site=2)
    assert office.hear(wire.RangeWanted(CHAIN, 1, 5, 9), site=3) == [], "one frame is being found"
    assert answer(office, 2, 1)[1:] == [do.FindFrame(CHAIN, 5, 3)]
    assert answer(office, 3, 6)[1:] == [do.FindFrame(CHAIN, 1, 2)]


def test_a_till_that_asks_again_has_one_question_the_newest() -> None:
    office = Office(chain=9)
    office.hear(wire.RangeWanted(CHAIN, 1, 0, 9))
    office.hear(wire.RangeWanted(CHAIN, 1, 4, 1))
    assert len(office.relay.questions.waiting) == 1
    assert office.relay.questions.waiting[0].after == 4


def test_the_end_of_a_feed_ends_the_answer() -> None:
    office = Office(chain=9)
    office.hear(wire.RangeWanted(CHAIN, 1, 9, 4))
    assert office.tell(do.FrameFound(CHAIN, 2, None)) == []
    assert (office.relay.questions.waiting, office.relay.questions.answering) == ([], False)


def test_nobody_gets_more_frames_than_the_most() -> None:
    office = Office(chain=9)
    office.hear(wire.RangeWanted(CHAIN, 1, 0, 10**9))
    assert office.relay.questions.waiting[0].left == ANSWERS_MAX


# Rows and what was lost.

TICKET = b"ticket000001"
SITE = Scope(Reach.SITE, 2)


def test_rows_are_found_and_sent_to_who_asked() -> None:
    office = Office(chain=9)
    assert office.hear(RowsWanted(CHAIN, BEFORE_ALL, (7,), 1, TICKET)) == [
        do.FindRows(CHAIN, BEFORE_ALL, frozenset({7}), 2)
    ]
    portion = Portion(CHAIN, Cursor(1, 9), BEFORE_ALL, None, (), 68)
    assert office.tell(do.RowsFound(2, portion)) == [do.Send(2, Rows(portion, TICKET))]


def test_digests_are_found_and_what_was_lost_is_taken_back() -> None:
    office = Office(chain=9)
    assert office.hear(DigestWanted(CHAIN, 3)) == [do.FindDigest(CHAIN, 3, 2)]
    assert office.hear(Returned(frame(5, 6))) == [do.TakeBack(2, frame(5, 6))]
    answer = TakenBack(CHAIN, 1, 6)
    assert office.tell(do.Answered(2, answer)) == [do.Send(2, answer)]


@pytest.mark.parametrize(
    "message",
    [
        RowsWanted(SITE, BEFORE_ALL, (), 1, TICKET),
        DigestWanted(SITE, 3),
        Returned(Frame(SITE, 1, 1, NO_CHAIN, (RECORD,))),
        wire.RangeWanted(SITE, 1, 0, 1),
    ],
)
def test_what_concerns_one_till_is_told_to_no_other_and_not_taken_from_one(message: wire.Message) -> None:
    office = Office(chain=9)
    assert office.hear(message, site=3) == []
    assert office.hear(message, site=2) != []


def test_who_stands_before_the_log_is_made_to_greet_and_the_others_are_answered() -> None:
    office = Office(chain=9)
    office.hear(wire.RangeWanted(CHAIN, 1, 0, 2), site=2)
    office.hear(wire.RangeWanted(CHAIN, 1, 5, 2), site=3)
    told, then = office.tell(do.FrameFound(CHAIN, 2, None, is_pruned=True))
    assert told == do.Send(2, wire.Welcome(b"hubboot.", office.at, None, {}))
    assert then == do.FindFrame(CHAIN, 5, 3)


def test_what_was_pruned_before_it_was_published_is_not_looked_for_again() -> None:
    office = Office(chain=0)
    office.tell(do.Tick())
    office.tell(office.moved(chain=3))
    assert do.FindFrame(CHAIN, 0, 0) in office.tell(do.Tick(), after_ms=FLUSH_MS)
    assert office.tell(do.FrameFound(CHAIN, 0, None, is_pruned=True)) == []
    assert do.FindFrame(CHAIN, 0, 0) not in office.tell(do.Tick(), after_ms=FLUSH_MS)
    office.tell(office.moved(chain=4))
    assert do.FindFrame(CHAIN, 3, 0) in office.tell(do.Tick(), after_ms=FLUSH_MS)


def test_what_was_being_looked_up_when_the_link_broke_is_looked_up_again() -> None:
    office = Office(chain=0)
    office.tell(office.moved(chain=3))
    assert office.tell(do.Tick(), after_ms=FLUSH_MS) != []
    assert office.hear(wire.RangeWanted(CHAIN, 1, 0, 4)) == [do.FindFrame(CHAIN, 0, 2)]
    # Neither answer came: the link broke, and with it the units under way.
    assert office.tell(do.LinkUp()) == [do.FindFrame(CHAIN, 0, 0)]
    assert office.tell(do.FrameFound(CHAIN, 0, frame(1, 3))) == [do.Publish(CHAIN, wire.Ordered(frame(1, 3)))]
    assert office.hear(wire.RangeWanted(CHAIN, 1, 0, 4)) == [do.FindFrame(CHAIN, 0, 2)]


def test_a_till_follows_the_feeds_that_there_are_and_no_others() -> None:
    office = Office(chain=4)
    for odd in (Scope(9, 5), Scope(Reach.CHAIN, 3), Scope(Reach.SITE, 3)):
        assert office.hear(replace(hello(), cursors={CHAIN: Cursor(), odd: Cursor(1, 7, NO_CHAIN)})) == []
    many = {Scope(Reach.SHOP, shop): Cursor() for shop in range(1, 9)}
    assert office.hear(replace(hello(), cursors=many)) == []


def test_a_till_that_has_seen_a_thousand_restores_is_not_heard() -> None:
    office = Office(chain=9)
    far = replace(hello(), cursors={CHAIN: Cursor(1 + GENERATIONS_AHEAD_MAX)})
    assert office.hear(far) != []
    assert office.hear(replace(hello(), cursors={CHAIN: Cursor(2 + GENERATIONS_AHEAD_MAX)})) == []


def test_it_wakes_for_the_next_flush_and_the_next_mark() -> None:
    office = Office(chain=0)
    office.tell(do.Tick())
    assert office.relay.next_wake_ms(office.at) == office.at + 1000
    office.tell(office.moved(chain=1))
    assert office.relay.next_wake_ms(office.at) == office.at + FLUSH_MS
    assert office.relay.next_wake_ms(office.at + 60_000) == office.at + 60_005


# Withdrawn.


def withdrawn(office: Office, *sites: int, **heads: int) -> list[do.Command]:
    return office.tell(replace(office.moved(**heads), withdrawn=frozenset(sites)))


def test_nothing_that_a_withdrawn_site_says_is_listened_to_whatever_it_is() -> None:
    office = Office(chain=4)
    withdrawn(office, 2)
    returned = Returned(frame(1, 1))
    asked = wire.RangeWanted(CHAIN, 1, 0, 3)
    for message in (hello(), wire.Upload(batch(), TILL), asked, DigestWanted(CHAIN, 0), returned, RowsHeld(())):
        assert office.hear(message) == []
    assert office.hear(wire.Report(1, 0, 0, "1", {})) == []
    assert not office.relay.listens_to(2)
    assert office.hear(wire.Upload(batch(3), TILL), site=3) == [do.TakeIn(3, TILL, batch(3))]


def test_nothing_is_said_to_a_withdrawn_site_not_even_what_was_being_looked_up() -> None:
    office = Office(chain=4, site=2)
    assert office.hear(wire.RangeWanted(CHAIN, 1, 0, 3)) == [do.FindFrame(CHAIN, 0, 2)]
    withdrawn(office, 2, chain=4, site=3)
    office.tell(do.Tick(), after_ms=FLUSH_MS + 1)
    assert office.tell(do.FrameFound(CHAIN, 2, frame(1, 1))) == []
    own = Scope(Reach.SITE, 2)
    assert office.tell(do.FrameFound(own, 0, frame(3, 3, own))) == []
    for event in (
        do.Recall(2),
        do.Known(hello(), None, {}, ahead=False),
        do.Taken(2, TILL, 7, None, 0, misplaced=True),
    ):
        assert office.tell(event) == []
    marked = office.tell(do.Tick(), after_ms=MARK_EVERY_MS + 1)
    assert [one.scope for one in marked if isinstance(one, do.FindRoot)] == [CHAIN]


def test_the_others_are_answered_in_turn_when_one_of_them_is_withdrawn() -> None:
    office = Office(chain=4)
    office.hear(wire.RangeWanted(CHAIN, 1, 0, 3))
    assert office.hear(wire.RangeWanted(CHAIN, 1, 2, 3), site=3) == []
    withdrawn(office, 2, chain=4)
    assert office.tell(do.FrameFound(CHAIN, 2, None)) == [do.FindFrame(CHAIN, 2, 3)]
