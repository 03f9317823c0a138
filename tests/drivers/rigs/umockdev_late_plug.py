"""A machine that umockdev invents, with nothing plugged in until it is told so.

Run as `umockdev-wrapper /usr/bin/python3 umockdev_late_plug.py CHILD...` by tests/system/test_hot_plug.py. Each line of
standard input is carried out and answered by a line: `scanner` and `printer` plug one in, `type HEX` sends events of
keys, `heard` waits for the first bytes that the printer is sent.
"""

import os
import subprocess
import sys
import time

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402 - the version must be asked for first

SCANNER = """P: /devices/usb1/1-1/1-1:1.0/input/input5/event5
N: input/event5
E: SUBSYSTEM=input
E: DEVNAME=/dev/input/event5
E: ID_INPUT_KEYBOARD=1
L: device=../../input5

P: /devices/usb1/1-1/1-1:1.0/input/input5
E: SUBSYSTEM=input
E: NAME="Acme Scanner"
E: UNIQ="0042"
A: name=Acme Scanner
A: uniq=0042
"""

PRINTER = """P: /devices/usb1/1-2/1-2:1.0/tty/ttyACM0
N: ttyACM0
S: serial/by-id/usb-Acme_Printer_0043-if00
E: SUBSYSTEM=tty
E: DEVNAME=/dev/ttyACM0
E: DEVLINKS=/dev/serial/by-id/usb-Acme_Printer_0043-if00
E: ID_SERIAL_SHORT=0043
"""
HEARD_S = 20.0


def main() -> None:
    testbed = UMockdev.Testbed.new()
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        for line in sys.stdin:
            print(carried_out(testbed, *line.split()), flush=True)
    finally:
        child.terminate()
        child.wait(20)


def carried_out(testbed: "UMockdev.Testbed", what: str, *given: str) -> str:
    if what == "scanner":
        testbed.add_from_string(SCANNER)
        testbed.uevent("/sys/devices/usb1/1-1/1-1:1.0/input/input5/event5", "add")
    elif what == "printer":
        testbed.add_from_string(PRINTER)
        testbed.uevent("/sys/devices/usb1/1-2/1-2:1.0/tty/ttyACM0", "add")
    elif what == "type":
        os.write(testbed.get_dev_fd("/dev/input/event5"), bytes.fromhex(given[0]))
    elif what == "heard":
        return heard(testbed.get_dev_fd("/dev/ttyACM0"))
    return "done"


def heard(line: int) -> str:
    end = time.perf_counter() + HEARD_S
    while time.perf_counter() < end:
        try:
            return os.read(line, 4096).hex()
        except OSError:  # nobody has the other end open
            time.sleep(0.02)
    return "nothing"


main()
