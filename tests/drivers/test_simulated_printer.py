import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from daemon.drivers.escpos import PAPERS, picture_ticket
from daemon.drivers.simulated_printer import SimulatedModel, SimulatedPrinter
from tests.fakes.badges import FACE, ORDER, codes_on

CUT, IN_TURN, WATCH = b"\x1dV\x00", b"\x1dr\x01", b"\x1da\x0e"
SLOW = SimulatedModel(rows_per_s=2000)


class Client:
    """Whoever has the printer's line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    async def hear(self, count: int) -> str:
        async with asyncio.timeout(5):
            return (await self._reader.readexactly(count)).hex(" ")

    async def hear_the_end(self) -> None:
        async with asyncio.timeout(5):
            with suppress(ConnectionError):
                await self._reader.read()


@asynccontextmanager
async def client(printer: SimulatedPrinter) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", printer.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


async def test_a_ticket_is_kept_as_a_picture_and_as_text() -> None:
    async with SimulatedPrinter().serving() as printer, client(printer) as line:
        line.say(b"Bonjour\n" + CUT)
        await printer.tickets_reach(1)
        assert printer.tickets[-1].text == "Bonjour"
        assert printer.tickets[-1].png.startswith(b"\x89PNG")
        assert printer.warnings == []


@pytest.mark.parametrize(
    ("mishap", "answers"),
    [
        (None, "12 12 12 12"),
        (SimulatedPrinter.take_paper_out, "1a 32 12 72"),
        (SimulatedPrinter.open_cover, "1a 16 12 12"),
    ],
)
async def test_real_time_questions_are_answered_at_once(mishap: object, answers: str) -> None:
    async with SimulatedPrinter().serving() as printer, client(printer) as line:
        if callable(mishap):
            mishap(printer)
        line.say(b"\x10\x04\x01\x10\x04\x02\x10")
        line.say(b"\x04\x03\x10\x04\x04\x10\x04\x09")
        assert await line.hear(4) == answers


async def test_what_happens_is_told_only_to_who_asked_for_it() -> None:
    async with SimulatedPrinter().serving() as printer, client(printer) as line:
        line.say(IN_TURN)
        assert await line.hear(1) == "00"
        printer.open_cover()
        printer.close_cover()
        line.say(WATCH)
        assert await line.hear(4) == "10 00 00 00"
        printer.open_cover()
        assert await line.hear(4) == "38 00 00 00"
        printer.close_cover()
        assert await line.hear(4) == "10 00 00 00"
        printer.take_paper_out()
        assert await line.hear(4) == "18 00 0c 00"


async def test_the_answer_in_turn_waits_for_the_paper() -> None:
    async with SimulatedPrinter().serving() as printer, client(printer) as line:
        printer.take_paper_out()
        line.say(b"Bonjour\n" + CUT + IN_TURN + b"\x10\x04\x01")
        assert await line.hear(1) == "1a"
        printer.refill()
        assert await line.hear(1) == "00"
        assert len(printer.tickets) == 1


async def test_a_printer_that_stands_still_takes_no_more_than_its_memory() -> None:
    async with SimulatedPrinter().serving() as printer, client(printer) as line:
        printer.take_paper_out()
        line.say(picture_ticket(ORDER, PAPERS[80]).data)
        line.say(b"\x10\x04\x01")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await line._reader.readexactly(1)
        printer.refill()
        assert await line.hear(4) == "10 00 00 00"
        await printer.tickets_reach(1)


async def test_the_roll_can_end_within_a_ticket_which_goes_on_when_it_is_refilled() -> None:
    async with SimulatedPrinter(SLOW).serving() as printer, client(printer) as line:
        printer.take_paper_out(after_rows=300)
        line.say(picture_ticket(ORDER, PAPERS[80]).data)
        assert await line.hear(8) == "10 00 00 00 18 00 0c 00"
        assert len(printer.tickets) == 0
        printer.refill()
        await printer.tickets_reach(1)
        assert codes_on(printer.tickets[-1].png) == [("EAN13", FACE.number)]


async def test_a_power_cut_tears_the_ticket_and_empties_the_memory() -> None:
    async with SimulatedPrinter(SLOW).serving() as printer:
        port = printer.port
        async with client(printer) as line:
            printer.cut_power_after(300)
            line.say(picture_ticket(ORDER, PAPERS[80]).data)
            await line.hear_the_end()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)
        await printer.restore_power()
        assert printer.port == port
        assert [(ticket.cut, ticket.rows) for ticket in printer.torn] == [(False, 300)]
        async with client(printer) as line:
            line.say(b"Bonjour\n" + CUT)
            await printer.tickets_reach(1)
        assert printer.tickets[-1].text == "Bonjour"


async def test_a_client_that_goes_within_a_picture_leaves_the_printer_waiting_for_the_rest() -> None:
    async with SimulatedPrinter().serving() as printer:
        async with client(printer) as line:
            line.say(b"\x1dv0\x00\x02\x00\x20\x00\xff\xff" + b"\x10\x04\x01")
            await line.hear(1)
        async with client(printer) as line:
            line.say(b"lost\n" + bytes(64) + b"\x1b@found\n" + CUT)
            await printer.tickets_reach(1)
        assert printer.tickets[-1].text == "[picture 16x32]\nfound"


async def test_a_second_client_waits_for_the_first() -> None:
    async with SimulatedPrinter().serving() as printer, client(printer) as first, client(printer) as second:
        second.say(b"\x10\x04\x01")
        first.say(b"\x10\x04\x01")
        assert await first.hear(1) == "12"
        first._writer.close()
        assert await second.hear(1) == "12"


async def test_every_kick_of_the_drawer_is_counted_hidden_in_a_picture_too() -> None:
    async with SimulatedPrinter().serving() as printer, client(printer) as line:
        line.say(b"\x1bp\x00\x19\xfa" + b"\x1dv0\x00\x04\x00\x01\x00\x10\x14\x01\x00" + IN_TURN)
        await line.hear(1)
        assert printer.drawer_kicks == 2


async def test_a_printer_can_print_and_say_nothing() -> None:
    async with SimulatedPrinter().serving() as printer, client(printer) as line:
        printer.answers_in_turn = False
        line.say(IN_TURN + b"\x10\x04\x01")
        assert await line.hear(1) == "12"
        printer.answers = False
        line.say(b"Bonjour\n" + CUT + b"\x10\x04\x01")
        await printer.tickets_reach(1)
        printer.answers = True
        line.say(b"\x10\x04\x04")
        assert await line.hear(1) == "12"


async def test_nonsense_is_refused_and_remembered() -> None:
    async with SimulatedPrinter().serving() as printer, client(printer) as line:
        line.say(b"GET / HTTP/1.1\r\n\x07" + CUT)
        await printer.tickets_reach(1)
        assert printer.warnings == ["not a command of ESC/POS: 07"]


async def test_it_shows_its_state() -> None:
    async with SimulatedPrinter().serving() as printer:
        printer.take_paper_out()
        assert repr(printer) == (
            "SimulatedPrinter(paper=False, cover_open=False, CommandStream(0 bytes, 0 rows to come))"
        )
