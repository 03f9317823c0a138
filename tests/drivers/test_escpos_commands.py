import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.escpos import PAPERS, text_ticket
from daemon.drivers.escpos_commands import Command, CommandStream, Op
from tests.fakes.badges import ORDER


def parsed(data: bytes) -> list[Command]:
    stream = CommandStream()
    stream.add(data)
    return list(iter(stream.take, None))


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (b"\x1b@", Command(Op.INITIALIZE)),
        (b"\x1b!\x30", Command(Op.MODE, b"\x30")),
        (b"\x1bd\x06", Command(Op.FEED_LINES, b"\x06")),
        (b"\x1bp\x00\x19\xfa", Command(Op.DRAWER, b"\x00\x19\xfa")),
        (b"\x1dr\x01", Command(Op.ASK_IN_TURN, b"\x01")),
        (b"\x1dV\x00", Command(Op.CUT, b"\x00")),
        (b"\x1dV\x42\x10", Command(Op.CUT, b"\x42\x10")),
        (b"\x1dk\x022900042187005\x00", Command(Op.BARS, b"\x022900042187005")),
        (b"\x1dkI\x05{BM-1", Command(Op.BARS, b"I{BM-1")),
        (b"\x1d(k\x03\x001C\x03", Command(Op.TWO_D, b"1C\x03")),
        (b"\x1d(E\x02\x00\x00\x00", Command(Op.NONSENSE, b"\x00\x00")),
        (b"\x10\x04\x01", Command(Op.SKIPPED, b"\x01")),
        (b"\x00", Command(Op.SKIPPED, b"\x00")),
        (b"\x07", Command(Op.NONSENSE, b"\x07")),
        (b"\x1b\x7f", Command(Op.NONSENSE, b"\x1b\x7f")),
        (b"Caf\xe9", Command(Op.TEXT, b"Caf\xe9")),
    ],
)
def test_a_command_is_read_with_its_parameters_and_no_byte_more(data: bytes, command: Command) -> None:
    assert parsed(data + b"\n") == [command, Command(Op.LINE_FEED, b"\n")]


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_command_waits_for_its_last_byte(cut: int) -> None:
    for whole in (b"\x1dv0\x00\x01\x00\x01\x00\xff", b"\x1dkI\x06{BM-12", b"\x1dk\x0212345\x00", b"\x1d(k\x04\x001P0X"):
        stream = CommandStream()
        stream.add(whole[:cut])
        before = list(iter(stream.take, None))
        stream.add(whole[cut:])
        assert before + list(iter(stream.take, None)) == parsed(whole)


def test_a_picture_comes_row_by_row() -> None:
    stream = CommandStream()
    stream.add(b"\x1dv0\x00\x02\x00\x03\x00\x01\x02\x03\x04\x05")
    assert list(iter(stream.take, None)) == [
        Command(Op.RASTER, b"\x02\x00\x03\x00"),
        Command(Op.RASTER_ROW, b"\x01\x02"),
        Command(Op.RASTER_ROW, b"\x03\x04"),
    ]
    assert repr(stream) == "CommandStream(1 bytes, 1 rows to come)"


@pytest.mark.parametrize(
    "header", [b"\x1dv0\x00\x00\x00\x01\x00", b"\x1dv0\x00\xff\xff\x01\x00", b"\x1dv1\x00\x01\x00\x01\x00"]
)
def test_a_picture_of_an_impossible_width_is_nonsense(header: bytes) -> None:
    assert parsed(header)[0].op is Op.NONSENSE


@given(st.data())
def test_a_ticket_split_anywhere_means_the_same(cut: st.DataObject) -> None:
    data = text_ticket(ORDER, PAPERS[80]).data.lstrip(b"\0")
    whole, stream, pieces = parsed(data), CommandStream(), list[Command]()
    while data:
        size = cut.draw(st.integers(1, len(data)))
        stream.add(data[:size])
        pieces += iter(stream.take, None)
        data = data[size:]
    assert joined(pieces) == joined(whole)


def joined(commands: list[Command]) -> list[Command]:
    """Text that came in two pieces is one text."""
    found: list[Command] = []
    for command in commands:
        if found and command.op is found[-1].op is Op.TEXT:
            found[-1] = Command(Op.TEXT, found[-1].data + command.data)
        else:
            found.append(command)
    return found


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_parser(data: bytes) -> None:
    stream = CommandStream()
    stream.add(data)
    taken = list(iter(stream.take, None))
    assert len(taken) <= len(data) + 1
