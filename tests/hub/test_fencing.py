"""Two boxes under one number are told from restarts and late messages by their greetings alone."""

from collections.abc import Iterable

from daemon.hub.fencing import BOOTS_KEPT, RETURNS, Boots, hear

A, B = b"aaaaaaaa", b"bbbbbbbb"


def heard(*greetings: tuple[bytes, int]) -> Boots:
    found = Boots()
    for boot, greeting in greetings:
        found = hear(found, boot, greeting)
    return found


def in_turn(times: int) -> Iterable[tuple[bytes, int]]:
    return [(boot, number) for number in range(1, times + 1) for boot in (A, B)]


def test_restarts_only_bring_new_boots() -> None:
    boots = [number.to_bytes(8, "big") for number in range(50)]
    found = heard(*[(boot, greeting) for boot in boots for greeting in range(1, 6)])
    assert (found.returns, found.are_two, len(found.heard)) == (0, False, BOOTS_KEPT)


def test_boxes_that_greet_in_turn_are_two() -> None:
    assert not heard(*in_turn(3)).are_two
    found = heard(*in_turn(4))
    assert (found.returns, found.are_two) == (RETURNS + 1, True)


def test_a_greeting_that_came_twice_says_nothing() -> None:
    assert heard((A, 1), (B, 1), (A, 1), (B, 1), (A, 1), (B, 1)).returns == 0


def test_one_late_message_of_a_process_that_has_ended_is_no_second_box() -> None:
    found = heard((A, 1), (B, 1), (A, 2), (B, 2), (B, 3), (B, 4))
    assert (found.returns, found.are_two) == (2, False)


def test_nor_are_two_late_ones_between_those_of_the_next() -> None:
    found = heard((A, 1), (B, 1), (A, 2), (B, 2), (A, 3), (B, 3), (B, 4))
    assert (found.returns, found.are_two) == (4, False)


def test_a_new_start_wipes_out_what_was_suspected() -> None:
    assert heard(*in_turn(2), (b"cccccccc", 1)).returns == 0
