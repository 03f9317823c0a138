"""The kit for printer languages as a third party meets it: the module of docs/drivers.md, its capture, its badge."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.config import load_till
from daemon.desk.print_desk import PrintDesk, PrintRequest
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Hold, JobState
from daemon.domain.print_kind import JobKind
from daemon.drivers.catalogue import LANGUAGES, language, printers
from daemon.drivers.printer_bench import PlayedPrinter, PrinterCapture, read_printer_capture
from daemon.drivers.printer_conformance import PRINTER_CHECKS, nothing_prints_whom_a_ticket_is_for
from daemon.errors import OperatorMistake
from daemon.store.database import open_database
from daemon.store.print_jobs import StoredPrintJobs
from daemon.till.printers import printers as printers_of
from daemon.typed import to_json
from tests.drivers.test_conformance import BLOCKS, run_pytest
from tests.fakes.badges import ORDER
from tests.fakes.head_office import till_in
from tests.fakes.print_ear import PrintEar

CAPTURES = Path(__file__).parents[1] / "captures" / "printers"
TILL = '[till]\nstate_directory = "/var/lib/x"\n'
SOURCE = BLOCKS["acme_labels.py"]


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which the sample language is installed, and its capture lies."""
    (tmp_path / "acme_labels.py").write_text(SOURCE)
    (tmp_path / "acme.printer.toml").write_text(BLOCKS["acme.printer.toml"])
    facts = tmp_path / "comptoir_acme_labels-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: comptoir-acme-labels\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[comptoir.printers]\nacme-labels = acme_labels\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("acme_labels", None)


def capture_in(folder: Path) -> PrinterCapture:
    return read_printer_capture(folder / "acme.printer.toml")


@pytest.mark.feature("D7.1")
def test_the_language_of_the_page_passes_every_check_by_typing_pytest(acme: Path) -> None:
    done = run_pytest(acme)
    assert done.returncode == 0, done.stdout
    for check in PRINTER_CHECKS:
        assert f"::{check.__name__} PASSED" in done.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "broken"),
    [
        ("FEED + READ_SO_FAR", "FEED", "a_ready_printer_is_believed_once"),
        ("body + FEED + READ_SO_FAR", "READ_SO_FAR + body + FEED", "a_printer_that_reads_no_further_is_never"),
        ('ord("P"): Status(Hold.PAPER_OUT', 'ord("P"): Status(None', "what_is_in_the_way_is_told"),
        ('ord("P"): Status(Hold.PAPER_OUT', 'ord("P"): Status(Hold.COVER_OPEN', "what_is_in_the_way_is_told"),
        ("in ANSWERS]", "in ANSWERS] or [ANSWERS[68], ANSWERS[82]]", "a_line_without_power_reads_as_nuls"),
        ('ord("B"): Status(None, False)', 'ord("B"): Status(None, True)', "a_printer_that_still_prints_is_not"),
        ("design=order.design, codec", "codec", ""),
        (
            "duplicata=duplicata)\n        return self._ticket(said.above, order",
            ")\n        return self._ticket(said.above, order",
            "a_duplicata_is_another",
        ),
        ("slip = marked(slip, duplicata=duplicata)", "pass", "a_duplicata_is_another"),
        ('preview_badge(order, CARDS["cr80"], duplicata=duplicata)', "Ticket(data=b'')", "a_badge_can_be_seen"),
        ("Acme L1, firmware 3.0, on its USB port", "", "the_language_says_where_it_was_tried"),
        ("in ANSWERS]", "in ANSWERS and not self.stop]\n\n    stop = True", "a_ready_printer_is_believed_once"),
    ],
)
def test_a_mistake_of_a_language_is_found_by_its_check(acme: Path, right: str, wrong: str, broken: str) -> None:
    assert SOURCE.count(right) == 1
    (acme / "acme_labels.py").write_text(SOURCE.replace(right, wrong))
    capture = capture_in(acme)
    failed = []
    for check in PRINTER_CHECKS:
        try:
            check(capture)
        except (AssertionError, AttributeError):
            failed.append(check.__name__)
    assert any(broken in name for name in failed) if broken else failed == []


TALK = """
class Talk(PolledDialogue):
    def __init__(self, patience):
        super().__init__(patience, question=HOW_ARE_YOU, stream=Answers())

"""
OWN_TALK = ("lambda patience: PolledDialogue(patience, question=HOW_ARE_YOU, stream=Answers())", "Talk")


@pytest.mark.parametrize(
    ("wrong", "broken"),
    [
        (
            "def received(self, data, now_s): return [] if self._unsent else super().received(data, now_s)",
            "a_quick_printer_is_believed_too",
        ),
        ("def passed(self, now_s): self._patience = None; return []", "a_silent_printer_is_given_up"),
        ("def _explained(self, hold, now_s): return []", "a_printer_that_stops_within_a_ticket"),
        ("def _interrupted(self): return self.lost()", "a_printer_that_falls_silent_within_a_ticket"),
        ("def lost(self): return []", "a_line_that_is_pulled_is_told_at_once"),
        (
            "def received(self, data, now_s): self._was_read |= b'D' in data; return super().received(data, now_s)",
            "what_was_said_of_another_ticket",
        ),
        (
            "def received(self, data, now_s): return ['again'] if self.over else super().received(data, now_s)",
            "a_talk_that_is_over_says_no_more",
        ),
        ("def received(self, *news): return 2 * super().received(*news)", "a_ready_printer_is_believed_once"),
    ],
)  # fmt: skip
def test_a_mistake_of_a_talk_is_found_by_its_check(acme: Path, wrong: str, broken: str) -> None:
    assert OWN_TALK[0] in SOURCE
    (acme / "acme_labels.py").write_text(f"{SOURCE.replace(*OWN_TALK)}{TALK}    {wrong}\n")
    capture = capture_in(acme)
    [check] = [check for check in PRINTER_CHECKS if check.__name__.startswith(broken)]
    with pytest.raises(AssertionError):
        check(capture)


def test_what_a_ticket_prints_of_itself_is_found_by_its_check(acme: Path) -> None:
    told = "class Told(Ticket):\n    def __repr__(self):\n        return repr(self.data)\n"
    (acme / "acme_labels.py").write_text(SOURCE.replace("return Ticket(", "return Told(") + told)
    with pytest.raises(AssertionError, match="Told"):
        nothing_prints_whom_a_ticket_is_for(capture_in(acme))


@pytest.mark.feature("D7.1")
def test_a_language_of_a_third_party_is_configured_like_any_other_printer(acme: Path) -> None:
    config = acme / "till.toml"
    config.write_text(TILL + BLOCKS["printer.toml"])
    [printer] = printers_of(load_till(config), SystemClock())
    assert printer.name == "labels"
    assert "acme-labels" in printers()


@pytest.mark.feature("D7.1", "D7.2")
async def test_a_printer_of_a_third_party_is_written_down_by_the_command_line(acme: Path, tmp_path: Path) -> None:
    till, here = till_in(tmp_path), {"PYTHONPATH": str(acme)}
    options = ("--kind", "acme-labels", "--name", "labels", "--address", "/dev/usb/lp0", "--set", "darkness=12")
    told = await till.comptoir("devices", "add", "--config", till.config, *options, "--set", "drawer=true", **here)
    assert told.code == 0, told.err
    assert "options = { darkness = 12 }" in told.out.splitlines()
    [printer] = load_till(till.config).printer
    assert (printer.kind, printer.address, printer.options) == ("acme-labels", "usb:///dev/usb/lp0", {"darkness": 12})
    assert printer.drawer
    shown = await till.comptoir("devices", "--config", till.config, **here)
    assert "printer acme-labels" in shown.out
    wrong = await till.comptoir("devices", "add", "--config", till.config, *options[:-1], "darknes=12", **here)
    assert wrong.code != 0
    assert load_till(till.config).printer == (printer,)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("darkness = 12", "darknes = 12", "printer[0].options.darknes: there is no such key; did you mean darkness?"),
        ("darkness = 12", 'darkness = "12"', "printer[0].options.darkness: expected `int`, got `str`"),
        (
            '"acme-labels"',
            '"acme-lables"',
            "printer[0].kind: no driver is called acme-lables; there are acme-labels, escpos, ipp, pdf, zpl",
        ),
        ('"acme-labels"', '"zpl"', "printer[0].options: a printer of kind zpl has none: its keys stand in its section"),
        (
            "usb:///dev/usb/lp0",
            "ipp://10.0.0.9/x",
            "printer[0].address: a device of kind acme-labels is reached by tcp:// or serial:// or usb://",
        ),
    ],
)
def test_a_mistake_in_its_section_is_told_by_its_key(acme: Path, right: str, wrong: str, said: str) -> None:
    config = acme / "till.toml"
    config.write_text(TILL + BLOCKS["printer.toml"].replace(right, wrong))
    with pytest.raises(OperatorMistake) as mistake:
        load_till(config)
    assert str(mistake.value) == f"till.toml: {said}"


@pytest.mark.feature("D7.1")
def test_a_language_of_another_contract_is_refused_in_one_sentence(acme: Path) -> None:
    (acme / "acme_labels.py").write_text(SOURCE.replace("CONTRACT = 1", "CONTRACT = 2"))
    with pytest.raises(OperatorMistake, match=r"written for contract 2 of drivers, this Comptoir has 1: the older"):
        language("acme-labels")


def test_every_language_of_ours_has_a_capture() -> None:
    assert {read_printer_capture(path).kind for path in CAPTURES.glob("*.printer.toml")} == set(LANGUAGES)


def test_a_capture_that_says_too_little_is_refused(acme: Path) -> None:
    path = acme / "acme.printer.toml"
    path.write_text(BLOCKS["acme.printer.toml"].replace("in_turn = true", ""))
    with pytest.raises(ValueError, match="needs what the printer answers at once and in turn"):
        read_printer_capture(path)


def badge(request_key: str) -> PrintRequest:
    """Somebody wants a badge."""
    return PrintRequest(
        request_key=request_key,
        kind=JobKind.BADGE,
        customer=EntityId(b"helene00"),
        content=to_json(ORDER),
        printer="labels",
    )


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('command = "05"', 'command = ""', "an answer needs the bytes of its command, and its own"),
        ('command = "05"', "command = 5", "command: expected `str`, got `int`"),
        ('hold = "paper_out"', 'hodl = "paper_out"', "there is no key hodl; there are answer, busy, command, hold"),
        (
            'hold = "paper_out"',
            'hold = "silent"',
            "hold: one of paper_out, cover_open, ribbon_out, paused, fault is expected, not silent",
        ),
        ("darkness = 12", "darknes = 12", "there is no key darknes; there are darkness"),
        ('kind = "acme-labels"', "", "object missing required field `kind`"),
        ('kind = "acme-labels"', 'kind = "acme-lables"', "no driver is called acme-lables"),
    ],
)
def test_a_mistake_in_a_capture_is_told_in_one_sentence(acme: Path, right: str, wrong: str, said: str) -> None:
    text = BLOCKS["acme.printer.toml"]
    assert right in text
    (acme / "acme.printer.toml").write_text(text.replace(right, wrong, 1))
    done = run_pytest(acme)
    assert f"acme.printer.toml: {said}" in done.stdout or f"acme.printer.toml: kind: {said}" in done.stdout
    assert len(done.stdout.splitlines()) < 20, done.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("return AcmeLabels(config=config)", "return config.no_such", "cannot be set up (AttributeError)"),
        ("darkness: int = 8", "darkness: int = 8\n    def __post_init__(self): {}[1]", "cannot be set up (KeyError)"),
        (
            "@dataclass(frozen=True, kw_only=True, slots=True)\nclass Config",
            "class Config",
            "does not define Config as",
        ),
        ("CONTRACT = 1", "raise SystemExit", "cannot be imported (SystemExit in acme_labels)"),
    ],
)
def test_a_language_that_cannot_be_set_up_is_told_before_the_till_starts(
    acme: Path, right: str, wrong: str, said: str
) -> None:
    assert SOURCE.count(right) == 1
    (acme / "acme_labels.py").write_text(SOURCE.replace(right, wrong))
    config = acme / "till.toml"
    config.write_text(TILL + BLOCKS["printer.toml"])
    with pytest.raises(OperatorMistake, match=re.escape(said)) as mistake:
        load_till(config)
    assert "printer[0]." in str(mistake.value)


@asynccontextmanager
async def served(printer: PlayedPrinter) -> AsyncIterator[int]:
    """The played printer on a TCP port of this machine."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            writer.writelines(printer.take(data))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.feature("D7.1", "D4.2")
async def test_a_badge_is_printed_once_in_the_language_of_a_third_party_when_its_paper_is_in(acme: Path) -> None:
    machine = PlayedPrinter(capture_in(acme))
    machine.stop(Hold.PAPER_OUT)
    async with served(machine) as port:
        config = acme / "till.toml"
        config.write_text(TILL + BLOCKS["printer.toml"].replace("usb:///dev/usb/lp0", f"tcp://127.0.0.1:{port}"))
        ear = PrintEar()
        async with open_database(acme / "till.db") as database, asyncio.TaskGroup() as tasks:
            desk = PrintDesk(
                printers_of(load_till(config), SystemClock()), StoredPrintJobs(database), ear, SystemClock()
            )
            working = tasks.create_task(desk.run(), name="print desk")
            job = await desk.request(badge("press 1"))
            await ear.state(JobState.HELD, job=job.id, hold=Hold.PAPER_OUT)
            machine.go_on()
            await ear.state(JobState.PRINTED, job=job.id)
            working.cancel()
    said = bytes(machine.consumed).decode()
    assert said.count("THélène\rTLebœuf\r") == 1
    assert said.count("B2900042187005\r") == 1
    assert "K12\r" in said


@pytest.mark.feature("D7.1")
@pytest.mark.parametrize(
    ("right", "wrong", "state"),
    [
        ("return [ANSWERS[byte] for byte in data if byte in ANSWERS]", "return 1 / 0", JobState.HELD),
        ("return [ANSWERS[byte] for byte in data if byte in ANSWERS]", "return [None for _ in data]", JobState.HELD),
        ('ord("D"): ReadInTurn(),', 'ord("D"): "read",', JobState.UNKNOWN),
        ("return lambda patience: PolledDialogue", "return lambda patience: Nothing", JobState.HELD),
        ("Ticket(data=FORGET + body", 'print(Ticket(data=FORGET + body', JobState.CANCELLED),
        ("data=FORGET + body + FEED + READ_SO_FAR", 'data=b""', JobState.CANCELLED),
    ],
)  # fmt: skip
async def test_a_bug_in_a_language_of_a_third_party_is_the_trouble_of_one_ticket(
    acme: Path, right: str, wrong: str, state: JobState
) -> None:
    assert SOURCE.count(right) == 1
    source = SOURCE.replace(right, wrong).replace(
        "findings=findings)", "findings=findings)" + ")" * ("print(" in wrong)
    )
    (acme / "acme_labels.py").write_text(source)
    async with served(PlayedPrinter(capture_in(acme))) as port:
        config = acme / "till.toml"
        config.write_text(TILL + BLOCKS["printer.toml"].replace("usb:///dev/usb/lp0", f"tcp://127.0.0.1:{port}"))
        ear = PrintEar()
        async with open_database(acme / "till.db") as database, asyncio.TaskGroup() as tasks:
            desk = PrintDesk(
                printers_of(load_till(config), SystemClock()), StoredPrintJobs(database), ear, SystemClock()
            )
            working = tasks.create_task(desk.run(), name="print desk")
            job = await desk.request(badge("press 1"))
            await ear.until(lambda change: (change.job_id, change.state) == (job.id, state))
            assert not working.done()
            working.cancel()
