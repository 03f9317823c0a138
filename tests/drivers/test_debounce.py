from daemon.drivers.debounce import PRESENCE, SCANNER, Debounce


def test_a_scanner_that_reads_a_label_twice_in_one_press_is_heard_once() -> None:
    debounce = Debounce(SCANNER)
    assert debounce.is_new("A", 0)
    assert not debounce.is_new("A", 399)
    assert debounce.is_new("A", 400)


def test_a_scanner_held_on_a_label_is_heard_again_after_each_window() -> None:
    debounce = Debounce(SCANNER)
    heard = [now_ms for now_ms in range(0, 1000, 100) if debounce.is_new("A", now_ms)]
    assert heard == [0, 400, 800]


def test_a_tag_that_lies_in_the_field_is_read_once_until_it_was_away() -> None:
    debounce = Debounce(PRESENCE)
    heard = [now_ms for now_ms in range(0, 10_000, 50) if debounce.is_new("A", now_ms)]
    assert heard == [0]
    assert not debounce.is_new("A", 9_950 + 499)
    assert debounce.is_new("A", 9_950 + 499 + 500)


def test_another_text_is_always_new_and_hides_no_repetition() -> None:
    for rule in (SCANNER, PRESENCE):
        debounce = Debounce(rule)
        heard = [debounce.is_new(text, now_ms) for now_ms, text in [(0, "A"), (100, "B"), (200, "A"), (300, "B")]]
        assert heard == [True, True, False, False]


def test_only_the_texts_of_one_window_are_remembered() -> None:
    debounce = Debounce(SCANNER)
    for number in range(1000):
        debounce.is_new(str(number), number * 100)
    assert repr(debounce) == "Debounce(4 texts within 400 ms)"
