"""`comptoir till` and `comptoir hub`: read the configuration and hand over to the composition roots."""

import gc
import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from daemon.cli.invocation import Invocation
from daemon.cli.place import config_path
from daemon.config import load_hub, load_till
from daemon.errors import ComptoirError
from daemon.journal import failure

log = logging.getLogger(__name__)

Config = TypeVar("Config")


def till(at: Invocation) -> int:
    """Run the till until it is stopped."""
    path = config_path(at.given, role="till")
    config = load_till(path)
    from daemon.till import run

    return until_its_end(partial(run.main, path=path), config)


def hub(at: Invocation) -> int:
    """Run head office until it is stopped."""
    config = load_hub(config_path(at.given, role="hub"))
    from daemon.head_office import run

    return until_its_end(run.main, config)


def until_its_end(main: Callable[[Config], int], config: Config) -> int:
    """Run a daemon; what ends it stands in its journal, with places and without values, before it is raised.

    Of a group of our own errors the first is raised alone: its sentence is the one that somebody reads.
    """
    settle_memory()
    try:
        return main(config)
    except ComptoirError:
        raise
    except BaseExceptionGroup as group:
        failure(log, "ended", group)
        first = _known(group)
        if first is None:
            raise
        raise first from group
    except Exception as fault:
        failure(log, "ended", fault)
        raise


def settle_memory() -> None:
    """What was imported stays, so the collector need not walk it again; nor look after every 700 new values.

    A unit makes tens of thousands of values and no cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _known(group: BaseExceptionGroup[BaseException]) -> ComptoirError | None:
    """The first of our own errors in a group that holds no others."""
    known, others = group.split(ComptoirError)
    if known is None or others is not None:
        return None
    first: BaseException = known
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, ComptoirError), "the group was split by this"
    return first
