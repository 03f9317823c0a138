"""`make bench`: all benchmarks, or those that are named."""

import sys

from tests.bench import badge, edits, exchange, fill, importing, readers, scan, screens, search, sound

ALL = {
    "exchange": exchange.measure,
    "fill": fill.measure,
    "edits": edits.measure,
    "import": importing.measure,
    "search": search.measure,
    "sound": sound.measure,
    "scan": scan.measure,
    "screens": screens.measure,
    "badge": badge.measure,
    "readers": readers.measure,
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, all by default."""
    for name in names or ALL:
        ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
