"""`comptoir till` and `comptoir hub`: read the configuration and hand over to the composition roots."""

import gc

from daemon.cli.invocation import Invocation
from daemon.cli.place import config_path
from daemon.config import load_hub, load_till


def till(at: Invocation) -> int:
    """Run the till until it is stopped."""
    config = load_till(config_path(at.given, role="till"))
    from daemon.till import run

    _settle()
    return run.main(config)


def hub(at: Invocation) -> int:
    """Run head office until it is stopped."""
    config = load_hub(config_path(at.given, role="hub"))
    from daemon.head_office import run

    _settle()
    return run.main(config)


def _settle() -> None:
    """What was imported stays: the collector need not walk it again."""
    gc.collect()
    gc.freeze()
