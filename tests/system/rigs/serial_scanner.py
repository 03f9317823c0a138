"""A scanner on a pseudo-terminal: each line of standard input is a code, sent at the pace of 9600 baud.

Runs inside a container: `serial_scanner.py LINK`.
"""

import os
import shutil
import sys
import time
import tty
from pathlib import Path

SECONDS_A_BYTE = 10 / 9600


def main(link: Path) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    node = Path(os.ttyname(slave))
    # As udev does it for a serial port.
    shutil.chown(node, group="dialout")
    node.chmod(0o660)
    link.unlink(missing_ok=True)
    link.symlink_to(node)
    print("plugged in", flush=True)
    for line in sys.stdin:
        for byte in f"{line.strip()}\r".encode():
            os.write(master, bytes([byte]))
            time.sleep(SECONDS_A_BYTE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
