"""A scanner that is a keyboard on a machine that umockdev invents: typed on, pulled inside a scan, plugged in again.

Run as `umockdev-wrapper /usr/bin/python3 umockdev_keyboard.py CHILD...` by tests/drivers/test_keyboard_scanner.py, like
umockdev_scanner.py. The child prints a line for each thing that happens; a line of its own tells what comes next here.
"""

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402 - the version must be asked for first

SYS = "/sys/devices/usb1/1-1/1-1:1.0/input"
LINK = "/dev/input/by-id/usb-Acme_Scanner_0042-event-kbd"


def described(number: int) -> str:
    """The scanner; the kernel gives it another number each time that it is plugged in, udev the same link."""
    return f"""P: /devices/usb1/1-1/1-1:1.0/input/input{number}/event{number}
N: input/event{number}
S: input/by-id/usb-Acme_Scanner_0042-event-kbd
E: SUBSYSTEM=input
E: DEVNAME=/dev/input/event{number}
E: DEVLINKS=/dev/input/by-id/usb-Acme_Scanner_0042-event-kbd
E: ID_INPUT_KEYBOARD=1
L: device=../../input{number}

P: /devices/usb1/1-1/1-1:1.0/input/input{number}
E: SUBSYSTEM=input
E: NAME="Acme Scanner"
E: UNIQ="0042"
A: name=Acme Scanner
A: uniq=0042
"""


KEYS = {
    "A": 30, "Z": 44, "M": 50, "-": 12,
    **{str((number + 1) % 10): number + 2 for number in range(10)},
}  # fmt: skip
ENTER, SHIFT = 28, 42


def event(kind: int, code: int, value: int) -> bytes:
    return struct.pack("@qqHHi", 0, 0, kind, code, value)


def pressed(code: int) -> bytes:
    return event(1, code, 1) + event(0, 0, 0) + event(1, code, 0) + event(0, 0, 0)


def typed(text: str, *, ends: bool = True) -> bytes:
    """What a scanner in US mode sends."""
    told = b""
    for sign in text:
        one = pressed(KEYS[sign])
        told += event(1, SHIFT, 1) + one + event(1, SHIFT, 0) if sign.isalpha() else one
    return told + (pressed(ENTER) if ends else b"")


def main() -> None:
    testbed = UMockdev.Testbed.new()
    testbed.add_from_string(described(5))
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    number, far_end = 5, -1
    try:
        for line in child.stdout:
            sys.stdout.write(line)
            if line == "up\n":
                far_end = testbed.get_dev_fd(f"/dev/input/event{number}")
                time.sleep(0.1)  # what comes at once was being typed before
                os.write(far_end, typed("M-000123" if number == 5 else "3760123456784"))
            elif line.startswith("read ") and number == 5:
                os.write(far_end, typed("376012", ends=False))
                time.sleep(0.1)  # a pty forgets what was not read when it is closed
                testbed.uevent(f"{SYS}/input5/event5", "remove")
                Path(testbed.get_root_dir() + LINK).unlink()
                os.close(far_end)
            elif line == "absent\n":
                number = 6
                testbed.add_from_string(described(number))
                testbed.uevent(f"{SYS}/input6/event6", "add")
            elif line.startswith("read "):
                child.communicate(timeout=20)
    finally:
        child.kill()
        child.wait()


main()
