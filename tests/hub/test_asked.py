"""Questions of tills are answered in turn."""

from daemon.hub.asked import WAITING_MAX, Turns
from daemon.sync.wire_questions import Asked


def question(number: int) -> Asked:
    return Asked(number.to_bytes(12, "big"), "search", b"{}")


def test_a_till_that_asks_much_does_not_keep_the_others_waiting() -> None:
    turns = Turns()
    for number in range(3):
        turns.ask(2, question(number))
    turns.ask(3, question(9))
    order = []
    while (turn := turns.next()) is not None:
        order.append(turn)
    assert order == [(2, question(0)), (3, question(9)), (2, question(1)), (2, question(2))]


def test_a_question_that_waits_already_waits_once_and_old_ones_give_way() -> None:
    turns = Turns()
    turns.ask(2, question(0))
    turns.ask(2, question(0))
    assert turns.next() == (2, question(0))
    assert turns.next() is None
    for number in range(WAITING_MAX + 2):
        turns.ask(2, question(number))
    assert turns.next() == (2, question(2))
