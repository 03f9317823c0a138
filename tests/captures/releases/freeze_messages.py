"""Records what boxes of this version say to each other: python -m tests.captures.releases.freeze_messages

Run once, for a release, before it is given out; what a release has written is never changed afterwards. The messages
are those of a few scenarios of the simulation, some of each type; with each stands what it means, field by field, and
for records the hash chain behind them.
"""

import json
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

from daemon.domain.digest import GROUP_BYTES
from daemon.domain.element import Element
from daemon.domain.feed import CHAIN, Cursor
from daemon.domain.kinds import Kind
from daemon.errors import PeerFault
from daemon.sync import wire
from daemon.sync.wire_questions import Asked, Reply, Verdict
from daemon.sync.wire_renewal import RenewalWanted, Renewed
from daemon.sync.wire_rows import ALL_GROUPS, Digest, DigestWanted, RowsHeld, RowsMissed
from daemon.version import VERSION
from tests.captures.releases.releases import FOLDER, MESSAGES, chain_behind, meaning
from tests.simulation.broker import Broker
from tests.simulation.generating import scenario_of
from tests.simulation.machine import Machine
from tests.simulation.running import run_scenario

SEEDS = range(1, 25)
OF_EACH_TYPE = 6
BYTES_MAX = 3000


def said(seeds: range) -> dict[str, list[bytes]]:
    """Different messages by type, in the order in which they were first said."""
    found: dict[str, dict[bytes, None]] = defaultdict(dict)
    carry = Broker._carry

    def listening(broker: Broker, to: Machine, topic: str, payload: bytes) -> None:
        with suppress(PeerFault):  # poison of the scenario, or presence
            found[type(wire.decode(payload)).__name__][payload] = None
        carry(broker, to, topic, payload)

    setattr(Broker, "_carry", listening)  # noqa: B010 - an ear on the line, for this process alone
    try:
        for seed in seeds:
            run_scenario(scenario_of(seed))
    finally:
        setattr(Broker, "_carry", carry)  # noqa: B010 - as above
    return {name: list(messages) for name, messages in sorted(found.items())}


def seldom_said() -> list[wire.Message]:
    """What no scenario makes the boxes say."""
    at = Cursor(1, 40, bytes(range(16)))
    row = Element(Kind.TAG, b"customer", b"dotdotdo", (7 << 16, 2, 9), {1: "vip"})
    pem = b"-----BEGIN %b-----\nMIIB\n-----END %b-----\n"
    return [
        RenewalWanted(pem % ((b"CERTIFICATE REQUEST",) * 2)),
        Renewed(pem % ((b"CERTIFICATE",) * 2)),
        DigestWanted(CHAIN, ALL_GROUPS),
        DigestWanted(CHAIN, 7),
        Digest(CHAIN, at, 7, bytes(range(256)) * (GROUP_BYTES // 256)),
        RowsMissed((row.key,)),
        RowsHeld(((row.key, row.body()),)),
        Asked(b"ticketticket", "search", b'{"q":"lefevre"}'),
        Reply(b"ticketticket", Verdict.ANSWERED, b'{"hits":[]}'),
        Reply(b"ticketticket", Verdict.REFUSED, b"q: nothing was typed"),
    ]


def chosen(messages: list[bytes]) -> list[bytes]:
    """Some, spread over all sizes that are no burden."""
    small = sorted((raw for raw in messages if len(raw) <= BYTES_MAX), key=len)
    step = max(1, (len(small) - 1) // (OF_EACH_TYPE - 1))
    return list(dict.fromkeys([*small[::step][:OF_EACH_TYPE], small[-1]]))


def main() -> int:
    """Write `messages.json` of this version."""
    target: Path = FOLDER / VERSION / MESSAGES
    entries: list[dict[str, Any]] = []
    found = said(SEEDS)
    for message in seldom_said():
        found.setdefault(type(message).__name__, []).append(wire.encode(message))
    for name, messages in sorted(found.items()):
        for raw in chosen(messages):
            read = wire.decode(raw)
            entry = {"type": name, "bytes": raw.hex(), "means": meaning(read)}
            behind = chain_behind(read)
            entries.append(entry | ({"chain_behind": behind.hex()} if behind else {}))
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in entries)
    target.write_text(f"[\n{lines}\n]\n", "utf-8")
    sys.stdout.write(f"{len(entries)} messages in {target.relative_to(Path.cwd())}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
