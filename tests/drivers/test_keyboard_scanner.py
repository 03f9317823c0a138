import asyncio
import fcntl
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.drivers import input_device
from daemon.drivers.device import Candidate, CardRead, ReadRefused, Refusal
from daemon.drivers.key_framing import KeyFramer
from daemon.drivers.key_layouts import LAYOUTS, LayoutName, layout, layouts_typing, text_of
from daemon.drivers.keyboard_scanner import Config, KeyboardSession, build
from daemon.errors import DeviceAbsent, DeviceFault, OperatorMistake
from tests.captures.reader_captures import capture
from tests.drivers.test_key_framing import keys_of, scanned
from tests.fakes.stepped_clock import SteppedClock

RIG = Path(__file__).parent / "rigs" / "umockdev_keyboard.py"
GRAB_RIG = Path(__file__).parent / "rigs" / "umockdev_grab.py"
CONFIG = Config(name="keys", path="/dev/input/by-id/usb-scanner-event-kbd")


@pytest.mark.feature("D1.6")
@pytest.mark.feature("D5.1")
@pytest.mark.feature("D5.2")
@pytest.mark.needs("umockdev-wrapper")
@pytest.mark.parametrize("named", ['path="/dev/input/by-id/usb-Acme_Scanner_0042-event-kbd"', 'uniq="0042"'])
def test_a_scanner_of_an_invented_machine_is_read_pulled_inside_a_scan_and_read_again(named: str) -> None:
    child = textwrap.dedent("""
        import asyncio, sys
        from pathlib import Path
        from daemon.clock import SystemClock
        from daemon.drivers import hotplug, input_device
        from daemon.drivers.device import CardRead, DeviceHealth, ReadRefused
        from daemon.drivers.event_queue import EventQueue
        from daemon.drivers.keyboard_scanner import Config, build
        from daemon.drivers.supervisor import Supervisor

        hotplug.UDEV_CONTROL = Path("/")

        async def main():
            events, clock, state = EventQueue(), SystemClock(), ""
            reader = build(Config(name="keys", NAMED), clock)
            assert input_device.node_called("0042") == Path("/dev/input/event5"), list(input_device.input_nodes())
            supervisor = Supervisor([reader], events, clock)
            async with hotplug.hot_plug(supervisor.wake), asyncio.timeout(20), asyncio.TaskGroup() as tasks:
                running = tasks.create_task(supervisor.run())
                reads = 0
                while reads < 2:
                    match await events.get():
                        case CardRead(code=code):
                            reads += 1
                            print("read", code.text, flush=True)
                        case ReadRefused(reason=reason):
                            print("refused", reason, flush=True)
                        case DeviceHealth() as health if health.state != state:
                            state = health.state
                            print(state, flush=True)
                await asyncio.to_thread(sys.stdin.read)
                running.cancel()

        asyncio.run(main())
    """).replace("NAMED", named)
    rig = ["umockdev-wrapper", "/usr/bin/python3", str(RIG), sys.executable, "-c", child]
    done = subprocess.run(rig, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines() == [
        "connecting",
        "up",
        "read M-000123",
        "refused cut",
        "absent",
        "up",
        "read 3760123456784",
    ], done.stderr


@pytest.mark.feature("D1.6")
@pytest.mark.parametrize(
    "typed", capture("usb_keyboard")["typed"], ids=lambda typed: f"{typed['scanner']} {typed['text']}"
)
def test_a_scan_is_read_in_the_scanners_layout_whatever_a_host_would_type(typed: dict[str, str]) -> None:
    name: LayoutName = next(one for one in LAYOUTS if one == typed["scanner"])
    keys = keys_of(typed["text"], name)
    for host in LAYOUTS:
        if host in typed:
            assert text_of(keys, layout(host)) == typed[host]
    session = KeyboardSession(replace(CONFIG, layout=name), layout(name))
    [read] = session.feed(scanned(keys), 0)
    assert isinstance(read, CardRead)
    assert read.code.text == typed["text"]


@pytest.mark.feature("D1.6")
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_code_of_the_set_up_tells_the_layout(name: LayoutName) -> None:
    assert layouts_typing(keys_of("AZ-019", name)) == [name]


def test_another_layout_than_ours_is_not_guessed() -> None:
    assert layouts_typing(keys_of("AZ-018", "us")) == []
    assert layouts_typing(b"") == []


def test_an_identifier_is_taken_off_in_every_layout() -> None:
    for name in LAYOUTS:
        session = KeyboardSession(replace(CONFIG, layout=name), layout(name))
        [read] = session.feed(scanned(keys_of("]C0M-000123", name)), 0)
        assert isinstance(read, CardRead)
        assert (read.code.text, read.code.symbology) == ("M-000123", "code128")


def test_a_prefix_is_taken_off_and_demanded() -> None:
    session = KeyboardSession(replace(CONFIG, prefix="M-"), layout("us"))
    [read] = session.feed(scanned(keys_of("M-000123", "us")), 0)
    assert isinstance(read, CardRead)
    assert read.code.text == "000123"
    assert session.feed(scanned(keys_of("000123", "us")), 1000) == [
        ReadRefused(device="keys", reason=Refusal.NO_PREFIX)
    ]


@pytest.mark.feature("A4.8")
def test_a_payment_number_is_refused_and_its_keys_are_wiped() -> None:
    session = KeyboardSession(CONFIG, layout("us"))
    [refused] = session.feed(scanned(keys_of("4111111111111111", "us")), 0)
    assert refused == ReadRefused(device="keys", reason=Refusal.PAYMENT_CARD)
    framer = session._framer
    assert isinstance(framer, KeyFramer)
    assert not any(framer._keys)


def test_a_device_is_matched_by_its_link_or_by_what_it_calls_itself() -> None:
    by_path = build(CONFIG, SteppedClock())
    node = Candidate(subsystem="input", node="/dev/input/event5", links=(CONFIG.path,), uniq="AA:BB")
    assert by_path.match(node) > 0
    by_uniq = build(Config(name="keys", uniq="aa:bb"), SteppedClock())
    assert by_uniq.match(node) > 0
    assert by_uniq.match(replace(node, uniq="CC")) == 0
    assert by_path.watched_path == Path(CONFIG.path)
    assert by_uniq.watched_path is None


async def test_a_device_that_nobody_calls_so_is_absent() -> None:
    with pytest.raises(DeviceAbsent, match="no input device calls itself aa:bb"):
        async with build(Config(name="keys", uniq="aa:bb"), SteppedClock()).open():
            pass


@pytest.mark.feature("D5.3")
@pytest.mark.needs("umockdev-wrapper")
def test_a_scanner_that_one_till_has_grabbed_no_other_program_takes_until_it_lets_go() -> None:
    child = textwrap.dedent("""
        import asyncio, sys
        from daemon.clock import SystemClock
        from daemon.drivers.keyboard_scanner import Config, build
        from daemon.errors import DeviceFault

        async def main():
            try:
                async with build(Config(name="keys", path="/dev/input/event5"), SystemClock()).open():
                    print("held", flush=True)
                    sys.stdin.read()
            except DeviceFault as fault:
                print(fault)

        asyncio.run(main())
    """)
    rig = ["umockdev-wrapper", "/usr/bin/python3", str(GRAB_RIG), sys.executable, "-c", child]
    done = subprocess.run(rig, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines() == ["held", "/dev/input/event5 is in use by another program", "held"], done.stderr


@pytest.mark.feature("D5.3")
async def test_a_device_that_another_program_has_grabbed_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> int:
        raise OSError(16, "Device or resource busy")

    (tmp_path / "event5").touch()
    monkeypatch.setattr(fcntl, "ioctl", busy)
    with pytest.raises(DeviceFault, match="is in use by another program"):
        async with input_device.open_input(tmp_path / "event5"):
            pass


async def test_what_cannot_be_opened_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeviceAbsent, match="nothing is plugged in at"):
        async with input_device.open_input(tmp_path / "none"):
            pass
    (tmp_path / "file").touch()
    with pytest.raises(DeviceFault, match="is not an input device"):
        async with input_device.open_input(tmp_path / "file"):
            pass

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DeviceFault, match="must be in the group input"):
        async with input_device.open_input(tmp_path / "file"):
            pass


async def test_a_grabbed_device_is_read_until_it_is_pulled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "event5"
    os.mkfifo(path)
    grabbed: list[int] = []
    monkeypatch.setattr(fcntl, "ioctl", lambda _descriptor, request, value: grabbed.append(request * 10 + value))
    async with asyncio.timeout(10), input_device.open_input(path) as line:
        far_end = os.open(path, os.O_WRONLY)
        os.write(far_end, b"x" * 24)
        assert await line.read() == b"x" * 24
        os.close(far_end)
        with pytest.raises(DeviceAbsent, match="was unplugged"):
            await line.read()
        assert repr(line) == f"DescriptorLine({path})"
    assert grabbed == [0x40044590 * 10 + 1]


def test_input_devices_are_listed_without_opening_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, uniq in (("event4", ""), ("event5", "0042")):
        (tmp_path / name / "device").mkdir(parents=True)
        (tmp_path / name / "device" / "name").write_text(f"Scanner of {name}\n")
        (tmp_path / name / "device" / "uniq").write_text(f"{uniq}\n")
    (tmp_path / "event6").mkdir()
    monkeypatch.setattr(input_device, "CLASS", tmp_path)
    assert [node.name for node in input_device.input_nodes()] == ["Scanner of event4", "Scanner of event5"]
    assert input_device.node_called("0042") == Path("/dev/input/event5")
    assert input_device.node_called("0043") is None


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("name", {"name": ""}),
        ("path", {"path": ""}),
        ("path", {"uniq": "0042"}),
        ("path", {"path": "event5"}),
        ("layout", {"layout": "dvorak"}),
        ("idle_ms", {"idle_ms": 0}),
    ],
)
def test_a_wrong_value_is_named_by_its_key(key: str, values: dict[str, Any]) -> None:
    with pytest.raises(OperatorMistake, match=f"^{key}: ") as mistake:
        replace(CONFIG, **values)
    assert mistake.value.field == key
