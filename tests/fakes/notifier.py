"""A program that says to systemd that it is ready, and stays: `python -P -m tests.fakes.notifier [HOW]`.

HOW is `deaf` to ignore SIGTERM, or `doomed` to end at once with a sentence.
"""

import signal
import sys

from daemon.lifecycle import Supervisor

if __name__ == "__main__":
    how = sys.argv[1:]
    if "doomed" in how:
        sys.exit("the port is taken")
    if "deaf" in how:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    supervisor = Supervisor()
    supervisor.status("soon")
    sys.stderr.write("here\n")
    supervisor.ready()
    signal.pause()
