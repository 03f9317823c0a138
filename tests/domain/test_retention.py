"""When a customer gave the last sign, and what that calls for."""

from daemon.domain.element import Element
from daemon.domain.expiry import MONTH_MS
from daemon.domain.hlc import ticks
from daemon.domain.kinds import Kind
from daemon.domain.retention import inactive, last_sign_ms

ROW = Element(Kind.CUSTOMER, b"anne....", b"", (ticks(1_000), 2, 7), {8: "a@b.fr"}, {8: (ticks(5_000), 3, 7)})


def test_a_sale_an_edit_and_a_creation_are_signs() -> None:
    assert last_sign_ms([ROW], 0) == 5_000
    assert last_sign_ms([ROW], 9_000) == 9_000
    assert last_sign_ms([], 0) == 0


def test_there_is_a_month_between_being_told_and_being_erased() -> None:
    month = MONTH_MS
    assert [found.due if (found := inactive(0, months=12, now_ms=at)) else "" for at in (0, 11 * month - 1)] == ["", ""]
    told = inactive(0, months=12, now_ms=11 * month)
    assert told is not None
    assert (told.due, told.over_ms) == ("warn", 12 * month)
    over = inactive(0, months=12, now_ms=12 * month)
    assert over is not None
    assert over.due == "erase"
