"""`make peers`: install, run each library, print the table; a full run writes docs/peers.md and figures.json here."""

import argparse
import datetime as dt
import json
import os
import platform
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench.peers import race, table
from tests.bench.peers.environments import PEERS, ROOT, MissingError, Peer
from tests.bench.peers.race import GaveUpError, Outcome
from tests.bench.peers.workload import FULL, Size

PAGE = ROOT / "docs" / "peers.md"
FIGURES = Path(__file__).parent / "figures.json"
BEGIN, END = "<!-- figures of make peers: begin -->\n", "<!-- figures of make peers: end -->\n"


def main(arguments: list[str]) -> int:
    """0 when every library that was asked for ran, whatever it showed."""
    options = _options(arguments)
    size = FULL.part(options.one_in)
    chosen = [peer for peer in PEERS if not options.names or peer.folder in options.names]
    try:
        for peer in chosen:
            peer.install()
        outcomes = [_run(peer, size) for peer in chosen]
    except (MissingError, GaveUpError) as error:
        print(f"peers: {error}", file=sys.stderr)
        return 1
    made = _made() + "\n\n" + table.markdown(outcomes, size) + table.notes(outcomes, size)
    print("\n" + made)
    if size == FULL and len(chosen) == len(PEERS):
        _write(made, outcomes)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(peer.folder for peer in PEERS))
    parser.add_argument("--one-in", type=int, default=1, metavar="N", help="an N-th of the size; writes no page")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - {peer.folder for peer in PEERS}:
        parser.error(f"no such library: {', '.join(sorted(unknown))}")
    return options


def _run(peer: Peer, size: Size) -> Outcome:
    print(f"peers: {peer.title} …", flush=True)
    outcome = race.run(peer, size)
    print(
        f"  {outcome.cpu_s:.2f} CPU s, {outcome.sent_mb:.2f} MB, {outcome.rss_mb:.0f} MB RSS, {outcome.fates}",
        flush=True,
    )
    return outcome


def _made() -> str:
    today = dt.datetime.now(tz=dt.UTC).strftime("%-d %B %Y")
    load = os.getloadavg()[0]
    return (
        f"{today}, {os.cpu_count()} cores of {_processor()}, {_system()}, Python {platform.python_version()}; "
        f"other work beside (load {load:.1f} at the end)."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")


def _write(made: str, outcomes: list[Outcome]) -> None:
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + "\n" + made + "\n" + END + after, encoding="utf-8")
    FIGURES.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    # Whatever was started ends with this, also where somebody ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main(sys.argv[1:]))
