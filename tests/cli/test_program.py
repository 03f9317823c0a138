"""The command line as a whole: help, languages, exit codes, and that no traceback ever reaches a shop."""

import asyncio
import os
import pty
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from daemon.cli.exits import Exit, exit_of
from daemon.cli.grammar import parser_of
from daemon.cli.program import run
from daemon.cli.words import speak
from daemon.errors import Conflicting, NotFound, NotRunning, OperatorMistake, Outdated, Refusal, StoreFault
from tests.fakes.comptoir import Comptoir
from tests.fakes.head_office import till_in

COMMANDS = [
    *("till", "till enrol", "hub", "hub init", "hub add-till", "hub revoke", "hub tills", "hub shop add"),
    *("hub shop list", "hub backup", "hub restore", "setup", "sync status", "doctor", "devices"),
    *("customers search", "customers show", "customers create", "customers edit", "customers import"),
    *("customers export", "card tap"),
]


async def test_help_is_there_at_once(alone: Comptoir) -> None:
    await alone("--help")  # whatever is not compiled yet is now
    fastest = 9.0
    for _ in range(5):
        begun = time.perf_counter()
        shown = await alone("--help")
        fastest = min(fastest, time.perf_counter() - begun)
        assert shown.code == 0
    unmeasured = {"COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""}
    heavy = await alone("--help", PYTHONPROFILEIMPORTTIME="1", **unmeasured)
    loaded = {line.rpartition("|")[2].strip() for line in heavy.err.splitlines()}
    assert not loaded & {"asyncio", "msgspec", "aiohttp", "http.client", "cryptography", "tomllib"}
    assert fastest < 0.5, "the aim is 0.1 s on a machine that does nothing else"


async def test_help_names_every_command_in_french_and_english(alone: Comptoir) -> None:
    english, french = await alone("--help"), await alone.in_french()("--help")
    for command in ("till", "hub", "demo", "setup", "sync", "doctor", "devices", "customers", "card"):
        assert f"\n    {command} " in english.out
        assert f"\n    {command} " in french.out
    assert "exit codes" in english.out.lower()
    assert "Clients, cartes et fidélité de vos boutiques" in french.out
    assert french.out.startswith("usage\u00a0: comptoir COMMANDE")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_command_explains_itself_and_most_give_an_example(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(language)  # type: ignore[arg-type]  # one of the two
    try:
        for command in COMMANDS:
            with pytest.raises(SystemExit) as ended:
                parser_of("1").parse_args([*command.split(), "--help"])
            assert ended.value.code == 0
            shown = capsys.readouterr().out
            assert "--json" in shown
            prose = shown.partition("Exemple" if language == "fr" else "Example")[0]
            assert max(map(len, prose.splitlines())) <= 80, command
    finally:
        speak("en")


async def test_the_configuration_speaks_where_the_locale_says_nothing(tmp_path: Path) -> None:
    till = till_in(tmp_path)
    silent = Comptoir({})
    english = await silent("sync", "status", "--config", till.config, LC_ALL="C")
    assert english.err.startswith("comptoir: no daemon answers on ")
    till.config.write_text(till.config.read_text().replace("[http]", 'language = "fr"\n[http]'))
    french = await silent("sync", "status", f"--config={till.config}", LC_ALL="C")
    assert french.err.startswith("comptoir: aucun service ne répond sur ")
    assert (await silent("sync", "status", "--config", till.config, LANG="en_GB")).err.startswith("comptoir: no ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "comptoir: the following arguments are required: COMMAND"),
        (("customer",), "comptoir: argument COMMAND: invalid choice: 'customer' (choose from "),
        (("hub", "add-till", "x"), "comptoir hub add-till: argument SHOP: invalid int value: 'x'"),
        (("till", "enrol", "CODE"), "comptoir till enrol: the following arguments are required: --hub"),
        (("customers", "show", "x", "--jsno"), "comptoir: unrecognized arguments: --jsno"),
    ],
)
async def test_what_is_mistyped_ends_with_two_and_a_pointer(alone: Comptoir, words: tuple[str, ...], said: str) -> None:
    ended = await alone(*words)
    first, second = ended.err.splitlines()
    assert (ended.code, ended.out) == (2, "")
    assert first.startswith(said)
    assert second.startswith("see: comptoir")
    assert second.endswith("--help")


def test_each_kind_of_error_has_its_own_exit_code() -> None:
    def refusal(status: int) -> Refusal:
        return Refusal("no", status=status, problem={})

    assert [exit_of(error) for error in (NotRunning("x"), NotFound("x"), Conflicting("x"), Outdated("x"))] == [
        3,
        4,
        5,
        5,
    ]
    assert [exit_of(refusal(status)) for status in (401, 403, 404, 409, 412, 422, 503)] == [1, 1, 4, 5, 5, 1, 1]
    assert [exit_of(error) for error in (OperatorMistake("x"), StoreFault("x"))] == [1, 1]
    assert int(Exit.INTERRUPTED) == 130


async def test_a_fault_of_ours_shows_no_traceback_unless_it_is_asked_for(tmp_path: Path, alone: Comptoir) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import daemon.cli.sync_status as module\n"
        "def fall(at):\n"
        "    raise KeyError('Hélène Lefèvre')\n"
        "module.run = fall\n"
    )
    root = str(Path(__file__).parent.parent.parent)
    path = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"}
    ended = await alone("sync", "status", **path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == ("comptoir: a fault of the program (KeyError): repeat with --debug and send us what it says\n")
    told = await alone("sync", "status", "--debug", **path)
    assert "in fall" in told.err
    assert "Lefèvre" not in told.err.replace("raise KeyError('Hélène Lefèvre')", "")
    french = await alone.in_french()("sync", "status", "--json", **path)
    assert french.json["error"]["sentence"].startswith("un défaut du programme (KeyError)")


async def test_debug_says_where_a_known_error_rose(alone: Comptoir, tmp_path: Path) -> None:
    told = await alone("sync", "status", "--debug", "--socket", tmp_path / "none.sock")
    assert told.code == 3
    assert "caller.py" in told.err
    assert "NotRunning: no daemon answers on" in told.err


async def test_ctrl_c_ends_with_130_and_says_nothing(tmp_path: Path, alone: Comptoir) -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await stop.wait()
        writer.close()

    asked, stop = asyncio.Event(), asyncio.Event()
    async with await asyncio.start_unix_server(silent, tmp_path / "x.sock"):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "daemon", "sync", "status", "--socket", str(tmp_path / "x.sock")),
            stderr=asyncio.subprocess.PIPE,
            env=alone.surroundings(),
            # A shell without a terminal starts what it puts behind itself, tests too, deaf to Ctrl-C.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        await asked.wait()
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
        stop.set()
    assert (process.returncode, err.decode().strip()) == (130, "")


async def test_a_reader_who_has_gone_is_no_fault(comptoir: Comptoir) -> None:
    lines = "".join(f"Nom{number};n{number}@example.fr\n" for number in range(400))
    await comptoir("customers", "import", "-", typed=f"Nom;E-mail\n{lines}")
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "daemon", "customers", "search", "nom", "--limit", "200"),
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
        env=comptoir.surroundings(),
    )
    os.close(writing)
    os.close(reading)
    _, err = await process.communicate()
    assert "Traceback" not in err.decode()
    assert "BrokenPipe" not in err.decode()


def test_a_terminal_of_another_encoding_gets_question_marks(tmp_path: Path) -> None:
    pid, screen = pty.fork()
    if pid == 0:
        environ = Comptoir().surroundings(PYTHONIOENCODING="ascii", TERM="dumb")
        os.execve(sys.executable, [sys.executable, "-P", "-m", "daemon", "till", "enrol", "--help"], environ)
    shown = b""
    while True:
        try:
            piece = os.read(screen, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(screen)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"Join a chain" in shown


def test_a_door_is_handed_what_was_typed_behind_its_name() -> None:
    heard: list[list[str]] = []

    def demo(arguments: object) -> int:
        heard.append(list(arguments))  # type: ignore[call-overload]  # a sequence
        return 7

    assert run(["demo", "cut", "caisse-1", "--json"], {"demo": demo}, {"LANG": "en"}) == 7
    assert heard == [["cut", "caisse-1", "--json"]]
