from daemon.drivers.device import Refusal
from daemon.drivers.framing import BadFrame, Frame
from daemon.drivers.key_framing import EVENT, KEYS_MAX, KeyFramer
from daemon.drivers.key_layouts import WITH_CONTROL, LayoutName, layout

SHIFT, ALTGR, CAPS, CONTROL, ALT, ENTER = 42, 100, 58, 29, 56, 28


def event(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(0, 0, kind, code, value)


def down(*codes: int) -> bytes:
    return b"".join(event(1, code, 1) + event(0, 0, 0) for code in codes)


def up(*codes: int) -> bytes:
    return b"".join(event(1, code, 0) + event(0, 0, 0) for code in codes)


def press(*codes: int) -> bytes:
    return b"".join(down(code) + up(code) for code in codes)


def keys_of(text: str, name: LayoutName) -> bytes:
    """Code and level of each key that types `text` without Caps Lock, the lowest level first."""
    typed = {code: levels for code, levels in layout(name).items() if code < 58}  # scanners have no digits block
    return b"".join(
        bytes(min((level, code) for code, levels in typed.items() for level in range(4) if levels[level] == sign)[::-1])
        for sign in text
    )


def scanned(keys: bytes) -> bytes:
    """The events of a scanner that presses these keys, and Enter."""
    told = b""
    for code, level in zip(keys[::2], keys[1::2], strict=True):
        held = [key for key, bit in ((SHIFT, 1), (ALTGR, 2)) if level & bit]
        told += down(*held) + press(code) + up(*held)
    return told + press(ENTER)


def test_keys_come_with_the_level_of_the_modifiers_that_are_held() -> None:
    framer = KeyFramer(300)
    told = (
        press(2) + down(SHIFT) + press(3) + down(ALTGR) + press(4) + up(SHIFT) + press(5) + up(ALTGR)
        + press(CAPS, 6, CAPS, 7) + down(CONTROL) + press(27) + up(CONTROL) + press(ENTER)
    )  # fmt: skip
    assert framer.feed(told, 0) == [Frame(data=bytes([2, 0, 3, 1, 4, 3, 5, 2, 6, 4, 7, 0, 27, WITH_CONTROL]))]
    assert framer.due_ms is None


def test_enter_and_tab_end_a_scan_and_make_no_empty_one() -> None:
    for end in (28, 96, 15):
        assert KeyFramer(300).feed(press(end, end, 2, end, end), 0) == [Frame(data=bytes([2, 0]))]


def test_a_key_that_repeats_itself_was_pressed_once() -> None:
    assert KeyFramer(300).feed(down(2) + event(1, 2, 2) * 3 + up(2) + press(ENTER), 0) == [Frame(data=bytes([2, 0]))]


def test_locks_and_other_events_type_nothing() -> None:
    assert KeyFramer(300).feed(event(4, 4, 9) + press(69, 2) + event(17, 0, 1) + press(ENTER), 0) == [
        Frame(data=bytes([2, 0]))
    ]


def test_keys_that_no_code_has_condemn_the_scan_up_to_its_end() -> None:
    framer = KeyFramer(300)
    for spoiled in (press(2) + down(ALT) + press(3) + up(ALT), down(1) + event(1, 400, 1)):
        assert framer.feed(spoiled + press(4), 0) == []
        assert "discarding" in repr(framer)
        [bad] = framer.feed(press(ENTER), 1)
        assert isinstance(bad, BadFrame)
        assert bad.reason is Refusal.CONTROL_BYTE
        assert framer.feed(press(5, ENTER), 2) == [Frame(data=bytes([5, 0]))]


def test_a_scan_without_end_is_given_up() -> None:
    framer = KeyFramer(300)
    assert framer.feed(press(2) * (KEYS_MAX + 5), 0) == []
    assert framer.feed(press(ENTER), 0) == [BadFrame(reason=Refusal.OVERLONG, length=KEYS_MAX)]


def test_events_that_the_kernel_lost_condemn_the_scan_and_let_go_of_its_modifiers() -> None:
    framer = KeyFramer(300)
    assert framer.feed(down(SHIFT) + press(2) + event(0, 3, 0) + press(3, ENTER), 0) == [
        BadFrame(reason=Refusal.CUT, length=1)
    ]
    assert framer.feed(press(4, ENTER), 1) == [Frame(data=bytes([4, 0]))]


def test_silence_ends_a_scan_and_half_an_event() -> None:
    framer = KeyFramer(300)
    assert framer.feed(press(2) + down(3)[:7], 1000) == []
    assert framer.due_ms == 1300
    assert repr(framer) == "KeyFramer(holding 1 keys)"
    assert framer.feed(b"", 1299) == []
    assert framer.feed(b"", 1300) == [BadFrame(reason=Refusal.CUT, length=1)]
    assert framer.feed(press(4, ENTER), 1301) == [Frame(data=bytes([4, 0]))]
    assert framer.close() == []


def test_what_was_being_typed_when_the_device_was_opened_is_no_scan() -> None:
    framer = KeyFramer(300)
    framer.opened(1000)
    assert framer.feed(press(2, 3, ENTER), 1049) == [BadFrame(reason=Refusal.CUT, length=0)]
    assert framer.feed(press(4, ENTER), 1051) == [Frame(data=bytes([4, 0]))]
