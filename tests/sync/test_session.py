"""The till's side of the conversation, as scripts: what is said to it, what it says and wants."""

from dataclasses import replace

import pytest

from daemon.domain.feed import CHAIN, Cursor, Head, Scope
from daemon.domain.kind_shape import Reach
from daemon.sync import commands as do
from daemon.sync import wire
from daemon.sync.outbox import ACK_PATIENCE_MS, UNACKNOWLEDGED_MAX
from daemon.sync.reporting import FIRST_REPORT_MS, REPORT_EVERY_MS
from daemon.sync.session import GREETING_PATIENCE_MS, HALF_WAY_MS_MAX, Phase
from tests.sync.small_talk import BOOT, HUB, INCARNATION, LOT, Conversation, batch, chain, frame, mark, sent, standing

# Greeting.


def test_a_new_till_greets_takes_the_time_and_asks_for_what_there_is_to_send() -> None:
    talk = Conversation()
    (hello,) = sent(talk.tell(do.LinkUp(talk.here)))
    assert isinstance(hello, wire.Hello)
    assert (hello.site, hello.boot, hello.lot, hello.greeting) == (2, BOOT, LOT, 1)
    assert str(talk.session) == "greeting sent 0/0 under way 0"
    assert talk.hear(talk.welcome(), after_ms=8) == [do.Anchor(50, talk.at - 4)], "as of half-way there and back"
    assert talk.give_nothing_back(talk.tell(do.Moved(talk.here))) == [do.Load(0)]
    assert str(talk.session) == "live sent 0/0 under way 0"


def test_a_hello_that_nobody_answers_is_said_again() -> None:
    talk = Conversation()
    talk.tell(do.LinkUp(talk.here))
    assert talk.tell(do.Tick(), after_ms=GREETING_PATIENCE_MS - 1) == []
    (again,) = sent(talk.tell(do.Tick(), after_ms=1))
    assert isinstance(again, wire.Hello)
    assert again.greeting == 2


def test_the_answer_to_an_earlier_hello_of_the_same_wait_will_do() -> None:
    talk = Conversation()
    talk.tell(do.LinkUp(talk.here))
    slow = talk.welcome()
    talk.tell(do.Tick(), after_ms=GREETING_PATIENCE_MS)
    assert talk.hear(slow) == [do.Anchor(50, talk.at - HALF_WAY_MS_MAX)]


@pytest.mark.parametrize(("there_and_back_ms", "since_ms"), [(8, 4), (400, 200), (600, 250), (50_000, 250)])
def test_a_question_that_waited_long_sets_no_clock_ahead(there_and_back_ms: int, since_ms: int) -> None:
    talk = Conversation()
    talk.tell(do.LinkUp(talk.here))
    answer = talk.welcome()
    assert talk.hear(answer, after_ms=there_and_back_ms) == [do.Anchor(50, talk.at - since_ms)]


def test_a_till_that_is_not_answered_waits_as_long_as_one_that_is() -> None:
    """With the broker there and head office gone for hours, nothing that is due then may wake it all the time."""
    talk = Conversation()
    talk.tell(do.LinkUp(talk.here))
    for _ in range(60):
        talk.tell(do.Tick(), after_ms=1_000)
    assert talk.session.next_wake_ms(talk.at) == talk.at + 1_000
    assert len(talk.session.hellos) <= 4


def test_the_answer_to_a_hello_of_before_is_stale() -> None:
    talk = Conversation()
    talk.go_live()
    stale = talk.welcome()
    assert talk.hear(stale) == [], "it was answered, and again is once too often"
    talk.tell(do.LinkDown())
    talk.tell(do.LinkUp(talk.here))
    assert talk.hear(stale) == []
    assert talk.session.phase is Phase.GREETING


def test_the_answer_to_another_box_with_this_disk_is_not_taken() -> None:
    talk = Conversation()
    talk.tell(do.LinkUp(talk.here))
    assert talk.hear(replace(talk.welcome(), till=b"the copy")) == []


def test_nothing_is_done_without_a_line() -> None:
    talk = Conversation()
    assert talk.tell(do.Recorded()) == []
    assert talk.hear(talk.welcome()) == []
    assert talk.tell(do.Tick()) == []
    talk.go_live()
    talk.tell(do.LinkDown())
    assert talk.tell(do.Recorded()) == talk.tell(do.Tick()) == talk.hear(mark(5)) == []


# Placing: the hub states, the till decides.


def test_a_hub_that_holds_more_than_was_acknowledged_settles_it() -> None:
    talk = Conversation(standing(9, applied=5))
    commands = talk.go_live(Head(INCARNATION, 9, chain("own9")))
    assert commands[0] == do.Settle(9, 0)
    assert do.Load(9) in commands


def test_a_copied_box_begins_again_and_sends_under_its_new_name_only() -> None:
    talk = Conversation(standing(9, applied=5))
    talk.tell(do.LinkUp(talk.here))
    talk.hear(talk.welcome(Head(INCARNATION, 12, chain("other"))))
    talk.tell(do.Moved(talk.here))
    assert talk.tell(do.ChainFound(12, None)) == [do.BeginAgain(new_holder=True)]
    assert talk.tell(do.Recorded()) == [], "nothing is sent before it has its new name"
    anew = replace(talk.here, head=Head(8, 2, chain("new2")), applied_seq=0)
    assert talk.give_nothing_back(talk.tell(do.Moved(anew))) == [do.Load(0)]


def test_a_restored_hub_has_its_feeds_followed_from_the_fork_and_gets_everything_again() -> None:
    talk = Conversation(standing(9, applied=9, offset=40))
    talk.tell(do.LinkUp(talk.here))
    fork = Cursor(2, 30, chain("feed30"))
    talk.hear(talk.welcome(Head(INCARNATION, 6, chain("own6")), Cursor(2, 33, chain("g2")), fork))
    talk.tell(do.Moved(talk.here))
    commands = talk.tell(do.ChainFound(6, chain("own6")))
    assert commands == [do.Rewind(CHAIN, fork), do.BeginAgain(new_holder=False)]


def test_the_presence_of_another_boot_of_the_hub_makes_the_till_greet_again() -> None:
    talk = Conversation()
    talk.go_live()
    talk.tell(do.HubSeen(HUB))
    assert talk.tick(2_000) == []
    talk.tell(do.HubSeen(b"new boot"))
    (hello,) = sent(talk.tell(do.Tick(), after_ms=2_000))
    assert isinstance(hello, wire.Hello)


# Sending.


def test_batches_go_one_after_the_other_up_to_eight_and_wait_for_their_answers() -> None:
    talk = Conversation(standing(100))
    commands = talk.go_live()
    assert commands == [do.Load(0)]
    for number in range(UNACKNOWLEDGED_MAX):
        commands = talk.tell(do.Loaded(batch(number + 1, number + 1)))
        assert sent(commands) == [wire.Upload(batch(number + 1, number + 1), BOOT)]
    assert commands[1:] == [], "eight are under way"
    assert talk.hear(wire.Ack(INCARNATION, 3, BOOT)) == [do.Settle(3, 0), do.Load(8)]
    assert str(talk.session) == "live sent 8/100 under way 5"


def test_what_the_broker_took_is_not_acknowledged() -> None:
    talk = Conversation(standing(1))
    talk.go_live()
    commands = talk.tell(do.Loaded(batch(1, 1)))
    assert not any(isinstance(command, do.Settle) for command in commands)
    assert talk.session.standing is not None
    assert talk.session.standing.applied_seq == 0


@pytest.mark.parametrize(
    "answer",
    [
        wire.Ack(INCARNATION, 1, b"the copy"),
        wire.Ack(INCARNATION + 1, 1, BOOT),
        wire.Refused(INCARNATION, 1, "no", b"the copy"),
        wire.ResealWanted(INCARNATION, 5, 1, b"the copy"),
    ],
)
def test_answers_to_others_are_not_taken(answer: wire.Message) -> None:
    talk = Conversation(standing(1))
    talk.go_live()
    talk.tell(do.Loaded(batch(1, 1)))
    assert talk.hear(answer) == []


def test_an_acknowledgement_that_comes_twice_counts_once() -> None:
    talk = Conversation(standing(2))
    talk.go_live()
    talk.tell(do.Loaded(batch(1, 1)))
    assert talk.hear(wire.Ack(INCARNATION, 1, BOOT))[0] == do.Settle(1, 0)
    assert talk.hear(wire.Ack(INCARNATION, 1, BOOT)) == []


def test_when_there_is_nothing_left_an_action_is_what_makes_it_look_again() -> None:
    talk = Conversation()
    talk.go_live()
    assert talk.tell(do.Loaded(None)) == []
    assert talk.tick(500) == []
    assert talk.tell(do.Recorded()) == [do.Load(0)]
    assert talk.tell(do.Recorded()) == [], "one look at a time"


def test_a_batch_that_was_loaded_before_positions_moved_is_not_sent() -> None:
    talk = Conversation(standing(5))
    talk.go_live()
    assert sent(talk.tell(do.Loaded(replace(batch(1, 2), incarnation=99)))) == []
    assert sent(talk.tell(do.Loaded(batch(3, 4)))) == []


def test_a_batch_without_an_answer_makes_the_till_ask_where_the_hub_stands() -> None:
    talk = Conversation(standing(1))
    talk.go_live()
    talk.tell(do.Loaded(batch(1, 1)))
    (hello,) = sent(talk.tell(do.Tick(), after_ms=ACK_PATIENCE_MS))
    assert isinstance(hello, wire.Hello)
    assert sent(talk.tell(do.Loaded(batch(2, 2)))) == [], "nothing is sent meanwhile"


def test_a_batch_that_does_not_continue_makes_the_till_greet_once() -> None:
    talk = Conversation(standing(1))
    talk.go_live()
    hint = wire.Welcome(HUB, 50, None, {})
    assert len(sent(talk.hear(hint))) == 1
    assert talk.hear(hint) == []


def test_a_stamp_too_far_ahead_is_restamped_and_a_record_that_cannot_be_read_is_set_aside() -> None:
    talk = Conversation(standing(4))
    talk.go_live()
    assert talk.hear(wire.ResealWanted(INCARNATION, 77, 3, BOOT)) == [do.Reseal(77, 3)]
    assert talk.hear(wire.ResealWanted(INCARNATION, 77, 3, BOOT)) == [], "once"
    assert talk.give_nothing_back(talk.tell(do.Moved(talk.here))) == [do.Load(0)]
    assert talk.hear(wire.Refused(INCARNATION, 2, "nonsense", BOOT)) == [do.SetAside(2, "nonsense")]


# Following.


def test_frames_are_applied_in_order_and_one_at_a_time() -> None:
    talk = Conversation()
    talk.go_live()
    (first,) = talk.hear(wire.Ordered(frame(1, 2)))
    assert isinstance(first, do.Apply)
    assert talk.hear(wire.Ordered(frame(3, 3))) == []
    (second,) = talk.tell(do.Applied(CHAIN, Cursor(1, 2, chain("feed2"))))
    assert isinstance(second, do.Apply)
    assert second.frame.first == 3


def test_frames_are_not_taken_before_the_positions_are_clear() -> None:
    talk = Conversation()
    talk.tell(do.LinkUp(talk.here))
    assert talk.hear(wire.Ordered(frame(1, 1))) == talk.hear(mark(1)) == []


def test_a_feed_that_is_not_followed_is_not_heard() -> None:
    talk = Conversation()
    talk.go_live()
    assert talk.hear(wire.Ordered(replace(frame(1, 1), scope=Scope(Reach.SHOP, 99)))) == []


def test_a_till_that_is_behind_asks_for_what_it_lacks_at_once_unless_the_hub_asks_for_patience() -> None:
    talk = Conversation()
    talk.tell(do.LinkUp(talk.here))
    talk.hear(talk.welcome(None, Cursor(1, 500, chain("feed500")), Cursor()))
    commands = talk.tell(do.Moved(talk.here))
    assert wire.RangeWanted(CHAIN, 1, 0, 16) in sent(commands)


def test_a_mark_is_compared_and_what_it_says_is_remembered() -> None:
    talk = Conversation(standing(offset=4))
    talk.go_live()
    assert talk.hear(mark(4)) == [do.Compare(mark(4).mark)]
    talk.tell(do.Compared(CHAIN, comparable=True, equal=False))
    assert talk.session.upkeep.unequal == {CHAIN}
    talk.tell(do.Compared(CHAIN, comparable=False, equal=False))
    assert talk.session.upkeep.unequal == {CHAIN}
    talk.tell(do.Compared(CHAIN, comparable=True, equal=True))
    assert talk.session.upkeep.unequal == set()


@pytest.mark.parametrize("strange", [mark(3), mark(9, generation=2)])
def test_a_mark_that_a_hub_with_its_memory_would_not_make_is_followed_by_a_hello(strange: wire.Marked) -> None:
    talk = Conversation(standing(offset=4))
    talk.go_live()
    (hello,) = sent(talk.hear(strange))
    assert isinstance(hello, wire.Hello)
    assert hello.cursors[CHAIN].offset == 4


@pytest.mark.parametrize("event", [do.NotApplied(CHAIN), do.Compared(CHAIN, comparable=True, equal=False, odd=True)])
def test_what_does_not_fit_makes_the_till_ask_whether_the_hub_was_restored(event: do.Event) -> None:
    talk = Conversation(standing(offset=4))
    talk.go_live()
    talk.tell(do.Loaded(None))
    (hello,) = sent(talk.tell(event))
    assert isinstance(hello, wire.Hello)


def test_records_still_on_their_way_explain_a_place_that_cannot_be_compared() -> None:
    talk = Conversation(standing(1, offset=4))
    talk.go_live()
    talk.tell(do.Loaded(batch(1, 1)))
    assert talk.tell(do.Compared(CHAIN, comparable=False, equal=False, odd=True)) == []


def test_a_till_reports_how_it_is_twice_a_minute() -> None:
    talk = Conversation()
    talk.go_live()
    talk.tell(do.Loaded(None))
    assert do.SendReport() in talk.tell(do.Tick(), after_ms=REPORT_EVERY_MS)
    assert do.SendReport() not in talk.tell(do.Tick(), after_ms=REPORT_EVERY_MS - 1)


def test_a_device_that_comes_or_goes_is_told_at_the_next_tick() -> None:
    talk = Conversation()
    talk.go_live()
    there, gone = (("reader", "scanner", "up"),), (("reader", "scanner", "absent"),)
    assert do.SendReport() in talk.tell(do.Tick(there), after_ms=FIRST_REPORT_MS)
    assert do.SendReport() not in talk.tell(do.Tick(there), after_ms=1_000)
    assert do.SendReport() in talk.tell(do.Tick(gone), after_ms=1_000)


def test_it_wakes_for_the_next_question_and_at_least_every_second() -> None:
    talk = Conversation()
    talk.go_live()
    assert talk.session.next_wake_ms(talk.at) == talk.at + 1000
    talk.session.inboxes[CHAIN].ask_at_ms = talk.at + 300
    assert talk.session.next_wake_ms(talk.at) == talk.at + 300
    talk.session.inboxes[CHAIN].ask_at_ms = talk.at - 300
    assert talk.session.next_wake_ms(talk.at) == talk.at + 10
