"""A chain of real processes whose tills reach the broker through the proxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.blackbox.proxy import HOST, Line, Proxy, running_proxy
from tests.fakes.chance import Random
from tests.system.processes import Chain, running_chain


@contextmanager
def running_proxied(
    directory: Path, shops: tuple[int, ...], seed: int = 0
) -> Iterator[tuple[Chain, Proxy, list[Line]]]:
    """A till for each entry of `shops`, each on a line of its own, while the block runs."""
    lines: list[Line] = []
    with running_proxy() as proxy, running_chain(directory, shops=()) as chain:
        for number, shop in enumerate(shops, 1):
            line = Line(directory / "broker", chain.broker_port, Random(f"{seed} line {number}"))
            line.till_state = directory / f"till{number}"
            lines.append(proxy.add(line))
            chain.add_till(shop, f'[link]\nhost = "{HOST}"\nport = {line.port}\n')
        yield chain, proxy, lines


def is_proved_equal(chain: Chain) -> bool:
    """Whether every till has compared each of its feeds with a mark at its very offset, and holds what the hub does."""
    tills = [till.replication() for till in chain.tills]
    feeds = [feed for till in tills for feed in till["feeds"]]
    roots = {till["root"] for till in tills} | {chain.hub.replication()["root"]}
    places = {(feed["generation"], feed["offset"]) for feed in feeds if feed["reach"] == "chain"}
    proved = all(feed["proved_at"] and feed["proved_offset"] == feed["offset"] for feed in feeds)
    is_quiet = len(roots) == len(places) == 1 and not any(till["copy"]["waiting"] for till in tills)
    return proved and is_quiet and not chain.differing()
