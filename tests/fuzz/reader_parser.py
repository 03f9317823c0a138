"""What tags, stripes, NFC readers and keyboards send: any split of the same bytes says the same."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from daemon.domain.payment_card import track_holds_payment_card
from daemon.drivers.conformance import read_capture
from daemon.drivers.framing import BadFrame, Frame
from daemon.drivers.key_framing import KEYS_MAX, KeyFramer
from daemon.drivers.key_layouts import layout, text_of
from daemon.drivers.msr605 import StripeFramer, StripeReaderConfig, StripeSession, Swipe
from daemon.drivers.pn532 import NfcReaderConfig, NfcSession
from daemon.drivers.pn532_frames import Pn532Framer
from daemon.drivers.rdm6300 import TagFramer
from daemon.errors import DeviceFault
from tests.captures.reader_captures import FOLDER, devices
from tests.fakes.chance import Random
from tests.fuzz.mutation import damaged
from tests.fuzz.parser import Parser

FRAMERS: Final[Sequence[Callable[[], Any]]] = (
    TagFramer,
    lambda: StripeFramer(("9750",)),
    Pn532Framer,
    lambda: KeyFramer(300),
)
_CAPTURES: Final = [read_capture(FOLDER / f"{device}.reader.toml") for device in devices()]
SEEDS: Final = (
    *(sample.data for capture in _CAPTURES for sample in capture.samples),
    *(exchange.answer for capture in _CAPTURES for exchange in capture.exchanges),
)
_US: Final = layout("us")


def make_frames(chance: Random) -> bytes:
    """A byte that chooses the split, then frames, whole and damaged, one behind the other."""
    told = b""
    for _ in range(chance.choice((1, 1, 2, 4))):
        one = chance.choice(SEEDS)
        for _ in range(chance.choice((0, 0, 1, 2))):
            one = damaged(chance, one, SEEDS)
        told += one
    return bytes((chance.randrange(256),)) + told[:2048]


def check_frames(raw: bytes) -> str:
    """Frames are what they claim to be, and no swipe holds a payment number."""
    step, line = 1 + raw[0] // 16, raw[1:]
    read = 0
    for make in FRAMERS:
        whole = _framed(make(), line, len(line) or 1)
        assert whole == _framed(make(), line, step), "the split of the bytes shows"
        read += sum(_is_sound(item) for item in whole)
    _session(StripeSession(StripeReaderConfig(name="x", path="/dev/x")), line, step)
    _session(NfcSession(NfcReaderConfig(name="x", path="/dev/x")), line, step)
    return "accepted" if read else "no frame in it"


def _framed(framer: Any, line: bytes, step: int) -> list[Any]:
    found = [item for at in range(0, len(line), step) for item in framer.feed(line[at : at + step], 0)]
    return found + list(framer.close())


def _is_sound(item: object) -> bool:
    if isinstance(item, BadFrame):
        assert item.length >= 0, "a length that cannot be"
        return False
    if isinstance(item, Swipe):
        assert not any(track_holds_payment_card(track, ("9750",)) for track in item.tracks), "a payment number"
    if isinstance(item, Frame) and len(item.data) != 5:
        assert len(item.data) <= 2 * KEYS_MAX, "more keys than a scan has"
        text_of(item.data, _US)
    return True


def _session(session: Any, line: bytes, step: int) -> None:
    """A whole session, with a pause between two pieces; a device that is none is refused."""
    try:
        session.begin(0)
        for number, at in enumerate(range(0, len(line), 16 * step)):
            session.feed(line[at : at + 16 * step], number * 200)
    except DeviceFault:
        return
    session.close(10**9)


FRAMES = Parser(name="readers", make=make_frames, check=check_frames)
