import io

import pytest
from PIL import Image

from daemon.drivers.escpos_commands import Command, CommandStream, Op
from daemon.drivers.paper_roll import TICKET_ROWS_MAX, PaperRoll, on_paper
from tests.fakes.badges import codes_on

CUT = b"\x1dV\x00"


def warnings(data: bytes, width_dots: int = 576) -> list[str]:
    roll, stream = PaperRoll(width_dots), CommandStream()
    stream.add(data)
    while command := stream.take():
        roll.obey(command)
    return roll.warnings


def ink(png: bytes) -> tuple[int, int, int, int]:
    """The box of what is black."""
    box = Image.open(io.BytesIO(png)).convert("L").point(lambda level: 255 - level).getbbox()
    assert box
    return box


def test_text_is_set_in_the_code_page_that_was_chosen() -> None:
    assert on_paper(b"\x1bt\x10\x9cuf 3 \x80\n\x1bt\x00\x82\n" + CUT, 576).text == "œuf 3 €\né"


def test_text_is_aligned_and_enlarged() -> None:
    left = ink(on_paper(b"Zoe\n" + CUT, 576).png)
    right = ink(on_paper(b"\x1ba\x02Zoe\n" + CUT, 576).png)
    large = ink(on_paper(b"\x1d!\x11Zoe\n" + CUT, 576).png)
    assert left[0] < 10
    assert right[2] > 560
    assert large[3] - large[1] > 1.8 * (left[3] - left[1])


def test_initialising_forgets_the_style_and_the_line_begun() -> None:
    assert on_paper(b"\x1ba\x02half a line\x1b@whole\n" + CUT, 576).text == "whole"


def test_a_line_that_was_not_ended_is_printed_by_feeding() -> None:
    assert on_paper(b"last\x1bd\x01" + CUT, 576).text == "last"
    assert on_paper(b"last\x1bJ\x08" + CUT, 576).text == "last"
    assert on_paper(b"last" + CUT, 576).text == "last"


def test_a_picture_is_burnt_row_by_row_where_the_alignment_says() -> None:
    ticket = on_paper(b"\x1ba\x01\x1dv0\x00\x02\x00\x02\x00\xff\xff\xff\xff" + CUT, 576)
    assert ink(ticket.png) == (280, 0, 296, 2)
    assert (ticket.text, ticket.rows) == ("[picture 16x2]", 2)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x1dk\x022900042187005\x00", ("EAN13", "2900042187005")),
        (b"\x1dkI\x08{BM-0123", ("Code128", "M-0123")),
        (b"\x1d(k\x03\x001C\x06\x1d(k\x08\x001P0M-012\x1d(k\x03\x001Q0", ("QRCode", "M-012")),
    ],
)
def test_a_symbol_is_drawn_so_that_a_decoder_reads_it(data: bytes, expected: tuple[str, str]) -> None:
    printed = on_paper(b"\x1dH\x02\x1ba\x01\n" + data + b"\x1bd\x03" + CUT, 576)
    assert [(kind.replace("-", ""), text) for kind, text in codes_on(printed.png)] == [expected]
    assert expected[1] in printed.text


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        (b"\x1dk\x022900042187004\x00", "wrong check digit"),
        (b"\x1dk\x043CODE39\x00", "bar code of kind 4"),
        (b"\x07", "not a command of ESC/POS: 07"),
        (b"\x1bt\x63x\n", "code page 99"),
        (b"W" * 60 + b"\n", "a line is wider"),
        (b"\x1dw\x06\x1dkI\x10{BABCDEFGHIJKLMN", "a symbol is wider"),
        (b"\x1dv0\x00\x50\x00\x01\x00" + bytes(80), "a picture is wider"),
    ],
)
def test_nonsense_is_refused_with_a_warning(data: bytes, warning: str) -> None:
    assert [warning in said for said in warnings(data)] == [True]


def test_a_metre_without_a_cut_is_torn_off() -> None:
    roll = PaperRoll(8)
    torn = None
    for _ in range(TICKET_ROWS_MAX + 1):
        torn = torn or roll.obey(Command(Op.RASTER_ROW, b"\xff"))
    assert torn
    assert not torn.cut
    assert roll.rows == 0


def test_what_was_printed_up_to_now_hangs_out_uncut() -> None:
    assert not on_paper(b"half\n", 576).cut
