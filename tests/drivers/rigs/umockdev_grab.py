"""A scanner that is a keyboard on a machine that umockdev invents, which one program at a time can have to itself.

Run as `umockdev-wrapper /usr/bin/python3 umockdev_grab.py CHILD...` by tests/drivers/test_keyboard_scanner.py.
The child is started, started again beside the first, and once more when the first has let go; what each says is
printed. A grab is as in the kernel's evdev_ioctl: the second one that asks hears EBUSY, whoever goes away lets go.
"""

import errno
import subprocess
import sys

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402 - the version must be asked for first

SCANNER = """P: /devices/usb1/1-1/1-1:1.0/input/input5/event5
N: input/event5
E: SUBSYSTEM=input
E: DEVNAME=/dev/input/event5
"""
EVIOCGRAB = 0x40044590


class Grabs(UMockdev.IoctlBase):  # type: ignore[misc]  # a library without types
    """Whoever has the device to itself."""

    holder = None

    def do_handle_ioctl(self, client: "UMockdev.IoctlClient") -> bool:
        if client.get_request() != EVIOCGRAB:
            return False
        if self.holder is None or not self.holder.get_connected():
            self.holder = client
            client.complete(0, 0)
        else:
            client.complete(-1, errno.EBUSY)
        return True


def main() -> None:
    testbed, grabs = UMockdev.Testbed.new(), Grabs()
    testbed.add_from_string(SCANNER)
    testbed.attach_ioctl("/dev/input/event5", grabs)
    first = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout
    sys.stdout.write(first.stdout.readline())
    sys.stdout.flush()
    sys.stdout.write(said_beside())
    first.communicate(timeout=20)
    sys.stdout.write(said_beside())


def said_beside() -> str:
    done = subprocess.run(
        sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=20, check=False
    )
    return done.stdout


main()
