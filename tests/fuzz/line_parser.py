"""What devices say on a line: frames of scanners, status of printers. Any split of the same bytes says the same."""

from typing import Any

from daemon.drivers.card_formats import CardFormats, read_frame
from daemon.drivers.device import Refusal
from daemon.drivers.framing import BadFrame, Frame, Framing, LineFramer
from daemon.drivers.printer_status import READINESS, StatusStream
from daemon.drivers.serial_reader import ScannerSession, SerialScannerConfig
from tests.captures.reader_captures import FOLDER, capture
from tests.fakes.chance import Random
from tests.fuzz.mutation import damaged
from tests.fuzz.parser import Parser

FRAMINGS = (
    Framing(),
    Framing(prefix=b"\x02", suffix=b"\x03"),
    Framing(prefix=b"AZ", suffix=b"\r\n"),
    Framing(frame_bytes_max=16, suffix=b"##"),
    Framing(prefix=b"\x1bs", suffix=b"?\x1c\x1b0"),
)
CAPTURED = tuple(
    bytes.fromhex(frame["bytes"])
    for path in sorted(FOLDER.glob("*.toml"))
    for frame in capture(path.stem).get("frame", [])
    if frame.get("bytes")
)
SEEDS = (
    *CAPTURED,
    b"]E03760123456784\r",
    b"]C1010061414112345\x1d10ABC\r\n",
    b"]Q4\\000026caf\xc3\xa9\r",
    "carte n° 000123\r".encode(),
    b"\x02AZ3760123456784\r\n",
    b"4970101234567893\r",
)


def make_line(chance: Random) -> bytes:
    """A byte that chooses framing and split, then frames, whole and damaged, one behind the other."""
    line = b""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        one = chance.choice(SEEDS)
        for _ in range(chance.choice((0, 0, 1, 1, 3))):
            one = damaged(chance, one, SEEDS)
        line += one
    return bytes((chance.randrange(256),)) + line[:4096]


def check_line(raw: bytes) -> str:
    """Frames are never empty, never too long, never hold a control byte; the same however the bytes came."""
    choice, line = raw[0], raw[1:]
    framing = FRAMINGS[choice % len(FRAMINGS)]
    whole = _framed(framing, line, len(line) or 1)
    assert whole == _framed(framing, line, 1 + choice // 16), "the split of the bytes shows"
    read = 0
    for item in whole:
        if isinstance(item, BadFrame):
            assert 0 < item.length <= framing.frame_bytes_max + len(framing.suffix or b"\r"), "a length that cannot be"
            continue
        assert 0 < len(item.data) <= framing.frame_bytes_max, "a frame of this length"
        code = read_frame(item.data, CardFormats(card_prefixes=("29",)))
        if not isinstance(code, Refusal):
            assert code.text.strip(" ") == code.text != "", "a code with blanks around it"
            read += 1
    _session(line, 1 + choice // 16)
    return "accepted" if read else "no code in it"


def _framed(framing: Framing, line: bytes, step: int) -> list[Frame | BadFrame]:
    framer = LineFramer(framing)
    found = [item for at in range(0, len(line), step) for item in framer.feed(line[at : at + step], 0)]
    return found + list(framer.close())


def _session(line: bytes, step: int) -> None:
    """The whole driver behind the port, with a second between two pieces."""
    session = ScannerSession(SerialScannerConfig(name="x", path="/dev/x", idle_ms=5000))
    for number, at in enumerate(range(0, len(line), 16 * step)):
        session.feed(line[at : at + 16 * step], number * 1000)
    session.close(10**9)


def make_status(chance: Random) -> bytes:
    """What printers answer, and bytes between."""
    told: list[bytes] = []
    for _ in range(chance.randrange(1, 30)):
        told.append(
            chance.choice((b"\x12", b"\x16", b"\x72", b"\x10\x00\x00\x0f", b"\x14\x00\x0c\x00", b"\x00", b"\x0f"))
        )
        if chance.random() < 0.3:
            told[-1] = damaged(chance, told[-1], told)
    return b"".join(told)[:2048]


def check_status(raw: bytes) -> str:
    """Every byte is accounted for, at once or byte by byte."""
    at_once = _answers(raw, len(raw) or 1)
    assert at_once == _answers(raw, 1), "the split of the bytes shows"
    assert len(at_once) <= len(raw), "more answers than bytes"
    for answer in at_once:
        _ = getattr(answer, "hold", None)
    return "accepted" if at_once else "nothing said"


def _answers(raw: bytes, step: int) -> list[Any]:
    stream = StatusStream()
    stream.asked(*READINESS)
    return [answer for at in range(0, len(raw), step) for answer in stream.receive(raw[at : at + step])]


LINE = Parser(name="framers", make=make_line, check=check_line)
STATUS = Parser(name="status", make=make_status, check=check_status)
