"""The only door: `comptoir …`, and `python -P -m daemon …`."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out what was typed; returns the exit code."""
    from daemon.cli.program import run

    return run(sys.argv[1:] if argv is None else argv, {"demo": _demo})


def _demo(arguments: Sequence[str]) -> int:
    from daemon.demo import run

    return run.main(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
