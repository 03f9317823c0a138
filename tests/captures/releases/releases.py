"""What earlier releases wrote, one folder a release: databases and messages that every later version must read."""

import dataclasses
import gzip
import json
from contextlib import suppress
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final

from daemon.domain.change import leaf_of, link
from daemon.errors import PeerFault
from daemon.sync import wire

FOLDER: Final = Path(__file__).parent
MESSAGES: Final = "messages.json"
DATABASES: Final = "databases.json"


def versions(kept: str) -> list[str]:
    """The releases that left a file of this name; `spine` is none, but has databases of an earlier schema."""
    return sorted(path.name for path in FOLDER.iterdir() if (path / kept).exists())


@cache
def messages(version: str) -> list[dict[str, Any]]:
    """The messages of a release: type, bytes (hexadecimal), what they mean, the chain behind their records."""
    found: list[dict[str, Any]] = json.loads((FOLDER / version / MESSAGES).read_text("utf-8"))
    return found


@cache
def all_messages() -> tuple[bytes, ...]:
    """The bytes of all messages of all releases."""
    return tuple(bytes.fromhex(entry["bytes"]) for version in versions(MESSAGES) for entry in messages(version))


def readable_messages() -> list[wire.Message]:
    """Those that this version reads; that it reads all of them is for the tests of the captures to say."""
    found = []
    for raw in all_messages():
        with suppress(PeerFault):
            found.append(wire.decode(raw))
    return found


@cache
def facts(version: str) -> dict[str, Any]:
    """What stood in the databases of a release, by role."""
    found: dict[str, Any] = json.loads((FOLDER / version / DATABASES).read_text("utf-8"))
    return found


def unpack_database(version: str, role: str, target: Path) -> Path:
    """The database of a release as a file that may be changed."""
    target.write_bytes(gzip.decompress((FOLDER / version / f"{role}.db.gz").read_bytes()))
    return target


def meaning(value: Any) -> Any:
    """A message as JSON can say it: bytes in hexadecimal, maps as lists of pairs."""
    if dataclasses.is_dataclass(value):
        return {part.name: meaning(getattr(value, part.name)) for part in dataclasses.fields(value)}
    if isinstance(value, dict):
        return [[meaning(key), meaning(part)] for key, part in value.items()]
    if isinstance(value, tuple | list):
        return [meaning(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    return value.hex() if isinstance(value, bytes) else value


def means_at_least(now: Any, recorded: Any) -> bool:
    """Whether everything that was recorded still stands; a later version may say more beside it."""
    if isinstance(recorded, dict):
        return isinstance(now, dict) and all(
            name in now and means_at_least(now[name], part) for name, part in recorded.items()
        )
    if isinstance(recorded, list):
        return (
            isinstance(now, list)
            and len(now) == len(recorded)
            and all(means_at_least(one, other) for one, other in zip(now, recorded, strict=True))
        )
    return bool(now == recorded)


def chain_behind(message: wire.Message) -> bytes:
    """The hash chain behind the last record of a batch or a frame; empty for other messages."""
    held = getattr(message, "batch", None) or getattr(message, "frame", None)
    if held is None:
        return b""
    chain: bytes = held.chain
    for record in held.records:
        chain = link(chain, record.header, [leaf_of(slot) for slot in record.slots])
    return chain
