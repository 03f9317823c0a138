"""The process that reads files of customers: what it answers, and when it ends."""

import io
import subprocess

import pytest

from daemon.desk import import_reader
from daemon.desk.import_lines import READER
from daemon.desk.import_reader import LINES_AT_ONCE, Answer, answers, framed
from daemon.domain.customer_draft import Customs
from daemon.domain.import_file import Order, open_customers
from daemon.domain.workbook import written_workbook
from daemon.typed import parse_json, to_json

ORDER = Order(customs=Customs())
RAW = b"Nom;Code\n" + b"".join(b"Morel;K%d\n" % at for at in range(3 * LINES_AT_ONCE // 2))


def asked(order: Order, raw: bytes) -> bytes:
    return b"".join([*framed(to_json(order)), *framed(raw)])


def heard(said: bytes) -> list[Answer]:
    found = []
    while said:
        end = 4 + int.from_bytes(said[:4], "big")
        found.append(parse_json(said[4:end], Answer))
        said = said[end:]
    return found


def test_it_says_what_it_opened_then_lines_then_that_this_was_all() -> None:
    done = subprocess.run(READER, input=asked(ORDER, RAW), capture_output=True, check=True)
    opened, *lines, last = heard(done.stdout)
    assert (opened.opened, [one for some in lines for one in some.lines]) == (
        open_customers(RAW, ORDER)[0],
        list(open_customers(RAW, ORDER)[1]),
    )
    assert [len(some.lines) for some in lines] == [LINES_AT_ONCE, LINES_AT_ONCE // 2]
    assert (last, done.stderr) == (Answer(), b"")


def test_what_cannot_be_read_is_a_sentence_and_the_end() -> None:
    (only,) = answers(ORDER, b"PK\x03\x04 nothing else")
    assert only.refused == "the workbook cannot be read: save it again as XLSX, or as CSV"


def test_a_workbook_is_read_too() -> None:
    opened, lines, last = answers(ORDER, written_workbook([["Nom", "Code"], ["Morel", "K1"]]))
    assert opened.opened is not None
    assert (len(lines.lines), last) == (1, Answer())


@pytest.mark.parametrize("upto", [0, 3, 30, -1])
def test_it_ends_without_a_word_when_nobody_sends_any_more(upto: int) -> None:
    done = subprocess.run(READER, input=asked(ORDER, RAW)[:upto], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


def test_it_ends_without_a_word_when_nobody_reads_any_more() -> None:
    many = b"Nom;Code\n" + b"".join(b"Morel;K%d\n" % at for at in range(20_000))
    process = subprocess.Popen(READER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(asked(ORDER, many))
    process.stdin.flush()
    process.stdout.read(4)
    process.stdout.close()  # as the kernel does for whoever was killed
    assert process.wait(20) == 1
    assert process.stderr.read() == b""
    process.stdin.close()
    process.stderr.close()


def test_without_a_process_it_serves_all_the_same() -> None:
    sink = io.BytesIO()
    import_reader.serve(io.BytesIO(asked(ORDER, RAW)), sink)
    assert heard(sink.getvalue()) == list(answers(ORDER, RAW))
    with pytest.raises(EOFError):
        import_reader.serve(io.BytesIO(asked(ORDER, RAW)[:-1]), sink)
