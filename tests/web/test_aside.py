"""What a page keeps in mind between two requests."""

from daemon.web.aside import NOTICE_MS, POSTPONED_MS, SESSIONS_MAX, Asides, Notice, Word

NOTICE = Notice(kind="unknown", code="2900049999")


def test_a_notice_stays_until_it_is_put_away_or_has_lasted_long_enough() -> None:
    asides = Asides()
    asides.put("a", NOTICE, 1000)
    assert asides.notice("a", 1000 + NOTICE_MS - 1) is NOTICE
    assert asides.notice("a", 1000 + NOTICE_MS) is None
    assert asides.notice("b", 1000) is None
    asides.put("a", None)
    assert asides.notice("a", 1000) is None


def test_a_word_is_said_once() -> None:
    asides, word = Asides(), Word(sentence="Saved.")
    asides.say("a", word)
    assert (asides.take_word("a"), asides.take_word("a")) == (word, None)


def test_sessions_that_come_and_go_do_not_fill_the_memory() -> None:
    asides = Asides()
    for number in range(SESSIONS_MAX + 1):
        asides.put(str(number), NOTICE, 1000)
    assert asides.notice("0", 1000) is None
    assert asides.notice(str(SESSIONS_MAX), 1000) is NOTICE


def test_neither_shows_what_is_personal() -> None:
    assert "2900049999" not in repr(NOTICE)
    assert "Sophie" not in repr(Word(sentence="Sophie is chosen."))


def test_alerts_are_put_off_for_one_visit_or_a_while_before_there_is_one() -> None:
    asides = Asides()
    asides.postpone("sophie", "", 1000)
    assert asides.is_postponed("sophie", "", 1000)
    assert not asides.is_postponed("sophie", "", 1000 + POSTPONED_MS)
    asides.serve("sophie", "visit 1", 2000)
    assert asides.is_postponed("sophie", "visit 1", 3000)
    assert not asides.is_postponed("sophie", "visit 2", 3000)
    assert not asides.is_postponed("paul", "visit 1", 3000)


def test_who_was_served_last_comes_first_and_there_are_few() -> None:
    asides = Asides()
    for name in "abcdefa":
        asides.serve(name, "v", 1000)
    assert asides.served() == ("a", "f", "e", "d", "c")
