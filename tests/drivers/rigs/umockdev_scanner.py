"""Plugs a scanner into a machine that umockdev invents, while a child process of another Python listens to it.

Run as `umockdev-wrapper /usr/bin/python3 umockdev_scanner.py CHILD...` by tests/drivers/test_hotplug.py: umockdev's
library is bound to the system's Python only. The child prints a line when it listens, and listens until its input
ends: umockdev aborts when it has
a listener less than it knew of. Its output is passed through.
"""

import subprocess
import sys

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402 - the version must be asked for first

USB = """P: /devices/usb1/1-1
N: bus/usb/001/002
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
E: DEVNAME=/dev/bus/usb/001/002
"""

SCANNER = """P: /devices/usb1/1-1/1-1:1.0/tty/ttyACM0
N: ttyACM0
S: serial/by-id/usb-Acme_Scanner_0042-if00
E: SUBSYSTEM=tty
E: DEVNAME=/dev/ttyACM0
E: DEVLINKS=/dev/serial/by-id/usb-Acme_Scanner_0042-if00
E: ID_VENDOR_ID=05e0
E: ID_MODEL_ID=1701
E: ID_SERIAL_SHORT=0042
E: ID_MODEL=Scanner
"""

BUTTON = """P: /devices/power/button
E: SUBSYSTEM=power_supply
"""


def main() -> None:
    testbed = UMockdev.Testbed.new()
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    sys.stdout.write(child.stdout.readline())
    for description in (BUTTON, USB, SCANNER):
        testbed.add_from_string(description)
    testbed.uevent("/sys/devices/power/button", "add")
    testbed.uevent("/sys/devices/usb1/1-1/1-1:1.0/tty/ttyACM0", "add")
    testbed.uevent("/sys/devices/usb1/1-1/1-1:1.0/tty/ttyACM0", "remove")
    try:
        sys.stdout.write(child.communicate(timeout=20)[0])
    finally:
        child.kill()


main()
