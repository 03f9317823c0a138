from daemon.drivers.device import Refusal
from daemon.drivers.framing import BadFrame
from daemon.drivers.pn532_frames import ACKNOWLEDGED, Acknowledged, Answer, Pn532Framer, command

FIRMWARE = bytes.fromhex("0000FF06FAD50332010607E800")
VERSION = Answer(code=3, data=bytes.fromhex("32010607"))


def test_a_command_is_framed_as_the_manual_shows_it() -> None:
    assert command(0x02) == bytes.fromhex("0000FF02FED4022A00")
    assert command(0x4A, b"\x01\x00") == bytes.fromhex("0000FF04FCD44A0100E100")


def test_an_acknowledgement_and_an_answer_come_apart_however_they_are_split() -> None:
    whole = ACKNOWLEDGED + FIRMWARE + ACKNOWLEDGED
    for place in range(len(whole)):
        framer = Pn532Framer()
        assert framer.feed(whole[:place], 0) + framer.feed(whole[place:], 10) == [
            Acknowledged(),
            VERSION,
            Acknowledged(),
        ]


def test_noise_that_looks_like_a_start_hides_no_frame() -> None:
    for noise in ("00FF00", "00FF", "00FF0000FF", "FFFF00", "0000FF0102"):
        assert Pn532Framer().feed(bytes.fromhex(noise) + FIRMWARE, 0) == [VERSION], noise


def test_a_frame_with_a_wrong_sum_is_refused() -> None:
    damaged = FIRMWARE[:9] + b"\x02" + FIRMWARE[10:]
    assert Pn532Framer().feed(damaged + FIRMWARE, 0) == [BadFrame(reason=Refusal.CHECKSUM, length=11), VERSION]


def test_a_frame_that_goes_the_other_way_is_refused() -> None:
    assert Pn532Framer().feed(command(0x02), 0) == [BadFrame(reason=Refusal.CHECKSUM, length=2)]


def test_an_error_is_an_answer_of_its_own() -> None:
    assert Pn532Framer().feed(bytes.fromhex("0000FF01FF7F8100"), 0) == [Answer(code=0x7F, data=b"")]


def test_silence_ends_what_was_begun() -> None:
    framer = Pn532Framer()
    assert framer.feed(FIRMWARE[:7], 0) == []
    assert framer.due_ms == 100
    assert framer.feed(b"", 99) == []
    assert framer.feed(FIRMWARE, 100) == [BadFrame(reason=Refusal.CUT, length=6), VERSION]
    assert framer.due_ms is None
    assert repr(framer) == "Pn532Framer(holding 1 bytes)"
