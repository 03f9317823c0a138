"""`comptoir devices try`: with the running till, and without."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.desk.desks import PrintManner
from daemon.domain.print_job import Cause, Hold, JobState
from daemon.drivers.simulated_scanner import SimulatedScanner
from daemon.errors import DeviceFault
from daemon.web.parts import DeviceShown
from tests.fakes.comptoir import Comptoir, open_till
from tests.fakes.head_office import Site, till_in
from tests.fakes.print_room import FakePrintRoom

SCANNER = DeviceShown(device="scanner", state="up", detail="", last_read_at=None, bad_frames=0, reconnects=0)


def with_scanner(folder: Path) -> Site:
    till = till_in(folder)
    text = f'[[reader]]\nname = "scanner"\nkind = "serial-scanner"\npath = "{folder}/scanner"\n'
    till.config.write_text(till.config.read_text() + text)
    return till


@pytest.mark.parametrize(
    ("scan", "code", "said"),
    [
        ("]C0M-000123", 0, "scanner\u00a0: lu (code128)\u00a0: 8 caractères, à la fin 123."),
        ("4111111111111111", 0, "scanner\u00a0: il marche. Une carte bancaire est refusée, et rien n’en a été gardé."),
        ("3760123456785", 1, "scanner\u00a0: mauvaise lecture (check_digit)\u00a0: recommencez."),
        ("", 1, "scanner\u00a0: rien n’a été lu."),
    ],
)
async def test_a_card_is_read_by_the_driver_itself_where_no_till_runs(
    tmp_path: Path, scan: str, code: int, said: str
) -> None:
    till = with_scanner(tmp_path)
    with SimulatedScanner(tmp_path / "scanner", SystemClock(), baud=115_200) as scanner:
        command = till.comptoir.in_french()("devices", "try", "--config", till.config, "--seconds", "3")
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(command, name="command")
            for _ in range(60 if scan else 0):
                await asyncio.sleep(0.1)
                await scanner.tap(scan)
                if running.done():
                    break
    told = running.result()
    assert (told.code, told.err.splitlines()[-1]) == (code, said)
    assert "411111" not in told.err + told.out


async def test_a_reader_that_is_not_plugged_in_is_told_in_french(tmp_path: Path) -> None:
    till = with_scanner(tmp_path)
    told = await till.comptoir.in_french()("devices", "try", "--config", till.config, "--json")
    assert told.code == 1
    assert told.json == {"tried": [{"device": "scanner", "works": False}]}
    assert "rien n’est branché à" in told.err


async def test_the_running_till_tells_what_its_reader_reads(tmp_path: Path) -> None:
    till = with_scanner(tmp_path)
    till.state.mkdir()
    states = {"now": SCANNER, "asked": 0}

    def devices() -> list[DeviceShown]:
        states["asked"] = int(str(states["asked"])) + 1
        changes = {"last_read_at": "2025-10-09T08:53:20Z"} if states["asked"] == 3 else {}
        shown = states["now"]
        assert isinstance(shown, DeviceShown)
        return [replace(shown, **changes)]  # type: ignore[arg-type]  # one key of the class

    async with open_till(till.state, devices=devices):
        told = await till.comptoir("devices", "try", "scanner", "--config", till.config)
        assert (told.code, told.err.splitlines()[-1]) == (0, "scanner: a card was read; the till has looked it up.")
        states["now"] = replace(SCANNER, state="absent", detail="nothing is plugged in at /dev/x")
        told = await till.comptoir("devices", "try", "scanner", "--config", till.config)
        assert (told.code, told.err) == (1, "scanner: nothing is plugged in at /dev/x\n")
        states["now"] = SCANNER
        told = await till.comptoir("devices", "try", "scanner", "--config", till.config, "--seconds", "0")
        assert (told.code, told.err.splitlines()[-1]) == (1, "scanner: nothing was read.")


async def test_a_printer_prints_its_test_page_by_the_running_till(tmp_path: Path) -> None:
    till = till_in(tmp_path)
    printer = '[[printer]]\nname = "badges"\naddress = "tcp://192.168.1.50:9100"\n'
    till.config.write_text(till.config.read_text() + printer)
    told = await till.comptoir("devices", "try", "--config", till.config)
    assert (told.code, told.err.splitlines()[-1]) == (1, "badges: the till must run to try it.")
    till.state.mkdir()
    prints = FakePrintRoom(printers=("badges",), fate=JobState.PRINTED)
    async with open_till(till.state, prints=prints):
        asked = ("devices", "try", "badges", "--config", till.config, "--seconds", "1")
        told = await till.comptoir(*asked)
        assert (told.code, told.err[:30]) == (0, "badges: the test page came out")
        prints.fate, prints.holds = JobState.HELD, {"badges": Hold.PAPER_OUT}
        told = await till.comptoir(*asked)
        assert (told.code, told.err) == (
            1,
            "badges: Put in a new roll and close the cover: printing goes on by itself.\n",
        )
        prints.fate, prints.holds = JobState.UNKNOWN, {}
        told = await till.comptoir(*asked)
        assert (told.code, told.err) == (
            1,
            "badges: nobody knows whether the test page came out: look at the paper.\n",
        )
        prints.fate, prints.cause = JobState.CANCELLED, Cause.UNPRINTABLE
        told = await till.comptoir(*asked)
        assert told.code == 1
        assert told.err.startswith("badges: its driver can make no test page: the log of the till says why"), (
            "nobody is sent to look for a paper that cannot be there"
        )
        prints.cause = Cause.REFUSED
        told = await till.comptoir(*asked)
        assert (told.code, told.err) == (1, "badges: the test page was given up and is not printed.\n")
        prints.fate, prints.cause = JobState.QUEUED, None
        told = await till.comptoir(*asked)
        assert (told.code, told.err) == (1, "badges: the test page is on its way, and not out yet.\n")
        prints.holds = {"badges": Hold.COVER_OPEN}
        told = await till.comptoir(*asked)
        assert told.err == "badges: Close the cover of the printer: printing goes on by itself.\n", (
            "a page that waits behind another one comes no sooner"
        )


async def test_a_display_is_greeted_on_by_the_running_till(tmp_path: Path) -> None:
    till = till_in(tmp_path)
    till.config.write_text(till.config.read_text() + '[[display]]\nname = "glass"\naddress = "serial:///dev/glass"\n')
    till.state.mkdir()
    glass = Glass()
    async with open_till(till.state, manner=PrintManner(displays=(glass,))):
        told = await till.comptoir("devices", "try", "--config", till.config)
        assert (told.code, told.err) == (
            0,
            "glass: the display was sent Hello: it answers nothing, so look at it.\n",
        )
        glass.fault = "/dev/glass was unplugged"
        told = await till.comptoir("devices", "try", "--config", till.config)
        assert (told.code, told.err) == (1, "glass: /dev/glass was unplugged\n")


class Glass:
    """A display that takes what it is sent, or is not there."""

    name = "glass"
    watched_path = None
    fault = ""

    async def show(self, upper: str, lower: str) -> tuple[str, ...]:
        if self.fault:
            raise DeviceFault(self.fault)
        return ()


async def test_a_name_of_nothing_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    till = with_scanner(tmp_path)
    told = await till.comptoir("devices", "try", "scaner", "--config", till.config)
    assert told.code == 4
    assert "no device is called scaner; there are scanner" in told.err


async def test_a_till_without_devices_has_nothing_to_try(tmp_path: Path, alone: Comptoir) -> None:
    till = till_in(tmp_path)
    told = await alone("devices", "try", "--config", till.config)
    assert (told.code, told.err) == (0, "No reader and no printer is configured.\n")
