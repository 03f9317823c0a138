"""A scanner that is a keyboard on a machine that umockdev invents, and a program that somebody answers on a terminal.

Run as `umockdev-wrapper /usr/bin/python3 umockdev_terminal.py STEPS CHILD...` by tests/cli/test_device_adding_scan.py.
STEPS is JSON: for each step the words to wait for on the terminal, what is then answered, and the keys that are then
pressed on the scanner (events as hexadecimal digits). The child's exit status is this one's.
"""

import json
import os
import pty
import subprocess
import sys
import time

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402 - the version must be asked for first

SCANNER = """P: /devices/usb1/1-1/1-1:1.0/input/input5/event5
N: input/event5
S: input/by-id/usb-Acme_Scanner_0042-event-kbd
E: SUBSYSTEM=input
E: DEVNAME=/dev/input/event5
E: DEVLINKS=/dev/input/by-id/usb-Acme_Scanner_0042-event-kbd
E: ID_INPUT_KEYBOARD=1
L: device=../../input5

P: /devices/usb1/1-1/1-1:1.0/input/input5
E: SUBSYSTEM=input
E: NAME="Acme Scanner"
A: name=Acme Scanner
"""
NODE = "/dev/input/event5"


def main() -> int:
    testbed = UMockdev.Testbed.new()
    testbed.add_from_string(SCANNER)
    near, far = pty.openpty()
    child = subprocess.Popen(sys.argv[2:], stdin=far, stdout=far, stderr=far)
    os.close(far)
    said = ""
    try:
        for step in json.loads(sys.argv[1]):
            while step["words"] not in said:
                said += os.read(near, 4096).decode()
            said = said.partition(step["words"])[2]
            sys.stdout.write(step["words"] + "\n")
            if "answer" in step:
                os.write(near, step["answer"].encode() + b"\n")
            if "keys" in step:
                time.sleep(0.2)  # what comes at once was being typed before
                os.write(testbed.get_dev_fd(NODE), bytes.fromhex(step["keys"]))
        return child.wait(20)
    except OSError:
        return child.wait(20) or 1
    finally:
        sys.stdout.write(said)
        child.kill()


sys.exit(main())
