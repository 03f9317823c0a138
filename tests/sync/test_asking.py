"""Questions under way: lost, doubled, late answers do no harm."""

from daemon.sync.asking import AGAIN_MS, WAITING_MAX, Asking
from daemon.sync.wire_questions import Asked, Reply, Verdict


def question(number: int) -> Asked:
    return Asked(number.to_bytes(12, "big"), "search", b"{}")


def reply(number: int) -> Reply:
    return Reply(number.to_bytes(12, "big"), Verdict.ANSWERED, b"null")


def test_an_answer_is_taken_once_and_only_by_who_asked() -> None:
    book = Asking()
    assert book.ask(question(1), until_ms=5_000, now_ms=0) == question(1)
    assert not book.hear(reply(2)), "nobody asked that"
    assert book.hear(reply(1))
    assert not book.hear(reply(1)), "it came twice"


def test_what_is_not_answered_is_said_again_and_given_up_at_its_deadline() -> None:
    book = Asking()
    book.ask(question(1), until_ms=5_000, now_ms=0)
    assert book.tick(AGAIN_MS - 1) == ([], [])
    assert book.tick(AGAIN_MS) == ([question(1)], [])
    assert book.tick(AGAIN_MS + 1) == ([], []), "not twice for one silence"
    assert book.tick(5_000) == ([], [question(1).ticket])
    assert not book.hear(reply(1)), "too late"


def test_who_gives_up_is_not_told_and_too_many_questions_are_none() -> None:
    book = Asking()
    for number in range(WAITING_MAX):
        assert not book.is_full
        book.ask(question(number), until_ms=5_000, now_ms=0)
    assert book.is_full
    book.give_up(question(3).ticket)
    assert not book.is_full
    assert not book.hear(reply(3))
