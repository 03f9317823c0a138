"""python -m tests.blackbox --kills 300 [--seed N]: real processes, a real broker, random kill -9; the figures."""

import argparse
import logging
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.blackbox.campaign import run
from tests.programs import find_program


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 all well, 1 something was lost or doubled, 2 void: a fault was never reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.blackbox", description="Random kill -9 under load.")
    parser.add_argument("--kills", type=int, default=300, help="how many")
    parser.add_argument("--seed", type=int, default=int(time.perf_counter() * 1000) % 100_000, help="of all chance")
    chosen = parser.parse_args(arguments)
    # The proxy writes to connections that have just been cut: asyncio would tell of each.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    if find_program("mosquitto") is None:
        sys.stderr.write("mosquitto is not installed: sudo apt-get install mosquitto\n")
        return 2
    directory = Path(tempfile.mkdtemp(prefix="blackbox-"))
    try:
        figures = run(directory, kills=chosen.kills, seed=chosen.seed, told=lambda done: _tell(done, chosen.kills))
    except AssertionError:
        sys.stderr.write(f"\nthe files and logs are kept in {directory}\n")
        raise
    is_well = not (figures.lost or figures.doubled or figures.oddities)
    if is_well:
        shutil.rmtree(directory)
    _tell_end()
    sys.stdout.write(f"{figures}\n")
    for line in (*figures.lost[:20], *figures.doubled[:20], *figures.oddities[:20]):
        sys.stdout.write(f"  {line}\n")
    if not is_well:
        sys.stdout.write(f"the files and logs are kept in {directory}\n")
        return 1
    if figures.unreached:
        sys.stdout.write(f"void: never reached: {', '.join(figures.unreached)}\n")
        return 2
    return 0


def _tell(done: int, kills: int) -> None:
    if sys.stderr.isatty() or not done % 25:
        sys.stderr.write(f"\r{done} of {kills} kills ")
        sys.stderr.flush()


def _tell_end() -> None:
    sys.stderr.write("\r" + " " * 40 + "\r")


if __name__ == "__main__":
    sys.exit(main())
