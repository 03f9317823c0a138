"""Lines of a file read beside: the same lines in the same order, whatever becomes of the process that reads."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from daemon.desk import import_lines
from daemon.desk.import_lines import BESIDE_BYTES_MIN, READERS_MAX, customer_lines
from daemon.domain.customer_draft import Customs
from daemon.domain.import_file import Order, ReadLine, open_customers
from daemon.domain.workbook import written_workbook
from daemon.errors import OperatorMistake

ORDER = Order(customs=Customs())
HEADINGS = "Nom;Prénom;Code;E-mail;Points\r\n"
RAW = (HEADINGS + "".join(f"Goff{at};Zoé;K{at};z{at}@example.fr;{at}\r\n" for at in range(1500))).encode("cp1252")


class File:
    """A file that is there to be read, and how often it was asked for."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.asked = raw, 0

    async def parts(self) -> Sequence[bytes]:
        self.asked += 1
        return [self.raw[at : at + 9000] for at in range(0, len(self.raw), 9000)]


async def read(file: File, order: Order = ORDER, *, size: int = BESIDE_BYTES_MIN) -> list[ReadLine]:
    """All lines, taken some at a time."""
    found: list[ReadLine] = []
    async with customer_lines(order, file.parts, size=size) as lines:
        assert lines.opened == open_customers(file.raw, order)[0]
        for many in (1, 63, 64, 65, 200, *[97] * 99):
            some = await lines.take(many)
            assert len(some) <= many
            found += some
            if not some:
                break
        assert await lines.take(5) == []
    return found


def defined(raw: bytes, order: Order = ORDER) -> list[ReadLine]:
    return list(open_customers(raw, order)[1])


def with_reader(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(import_lines, "READER", (sys.executable, "-P", "-c", program))


def dying(answers: int) -> str:
    """A reader that gives so many answers, one of them what it opened, and is killed."""
    return f"""
import os, signal, sys
from daemon.desk import import_reader as reader
said = reader.answers
def killed(order, raw):
    for at, answer in enumerate(said(order, raw)):
        if at == {answers}:
            os.kill(os.getpid(), signal.SIGKILL)
        yield answer
reader.answers = killed
sys.exit(reader.main())
"""


async def test_a_small_file_is_read_here_and_a_large_one_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    file = File(RAW)
    assert await read(file) == defined(RAW)
    with_reader(monkeypatch, "a syntax error, if anybody starts it")
    assert await read(file, size=BESIDE_BYTES_MIN - 1) == defined(RAW)
    assert file.asked == 2


async def test_reading_goes_on_behind_what_was_gone_through() -> None:
    order = Order(customs=Customs(), skipped=1000)
    assert await read(File(RAW), order) == defined(RAW)[1000:]


async def test_a_workbook_is_read_beside() -> None:
    raw = written_workbook([["Nom", "Code"], *(["Morel", f"K{at}"] for at in range(300))])
    assert await read(File(raw)) == defined(raw)


async def test_a_reader_that_is_killed_again_and_again_loses_and_repeats_no_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_reader(monkeypatch, dying(answers=4))
    file = File(RAW)
    assert await read(file) == defined(RAW)
    assert file.asked == 1500 // (3 * 64) + 2, "each gave three answers of lines; the last but one lacked the end"


@pytest.mark.parametrize(
    "program",
    [dying(answers=0), dying(answers=1), "print('nothing that anybody sent')", "import sys; sys.stdin.buffer.read()"],
    ids=["killed at once", "killed before a line", "another version", "no answer"],
)
async def test_where_no_reader_lives_the_file_is_read_here(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    with_reader(monkeypatch, program)
    file = File(RAW)
    assert await read(file) == defined(RAW)
    assert file.asked == READERS_MAX + 1


async def test_where_no_process_can_be_started_the_file_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_lines, "READER", ("/nowhere/python",))
    assert await read(File(RAW)) == defined(RAW)


async def test_what_cannot_be_read_is_refused_in_the_same_words() -> None:
    with pytest.raises(OperatorMistake, match="the first line names no column of customers"):
        await read(File(b"Couleur;Taille\r\nrouge;3\r\n"))


async def test_whoever_stops_in_the_middle_leaves_no_process_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    noted = tmp_path / "process"
    said = f"import os, pathlib; pathlib.Path({str(noted)!r}).write_text(str(os.getpid()));"
    with_reader(monkeypatch, f"{said} from daemon.desk import import_reader; import_reader.main()")
    file = File(RAW * 40)

    async def stopped() -> None:
        async with asyncio.timeout(None) as limit, customer_lines(ORDER, file.parts, size=BESIDE_BYTES_MIN) as lines:
            await lines.take(10)
            os.kill(int(noted.read_text()), 0)
            limit.reschedule(0)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await stopped()
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text()), 0)
