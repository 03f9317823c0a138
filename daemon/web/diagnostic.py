"""The file for support: how this till is, in figures and sentences about the machine; nobody's data stands in it."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from daemon.desk import instant
from daemon.errors import DeviceFault
from daemon.typed import to_json
from daemon.web.customer_page import jobs
from daemon.web.device_routes import devices_of
from daemon.web.surface import Surface

Examine = Callable[[], Awaitable[object]]
"""What `comptoir doctor` finds; raises DeviceFault."""

UNSENT_MAX: Final = 200
MEDIA: Final = "application/json"


async def diagnostic(surface: Surface) -> bytes:
    """Everything that this till knows of itself, as JSON."""
    parts, desks = surface.parts, surface.desks
    unsent = await desks.unsent.oldest(UNSENT_MAX)
    said: dict[str, object] = {
        "made_at": instant.shown(surface.now_ms),
        "version": parts.version,
        "clock": parts.clock_doubt() if parts.clock_doubt is not None else None,
        "replication": await desks.condition.replication(parts.link() if parts.link is not None else None),
        "unsent": {
            "total": unsent.total,
            "oldest_kinds": dict(Counter(kind for one in unsent.changes for kind in one.kinds)),
        },
        "free_bytes": desks.condition.room().free_bytes,
        "devices": await devices_of(parts),
        "prints": [
            {"kind": job.kind, "printer": job.printer, "state": job.state, "hold": job.hold, "at": job.requested_at}
            for job in await jobs(surface)
        ],
        "doctor": await _examined(parts.examine),
    }
    return to_json(said)


def file_name(site: int, now_ms: int) -> str:
    """`comptoir-caisse-12-20261122T095300Z.json`."""
    at = instant.shown(now_ms).replace("-", "").replace(":", "").partition(".")[0].rstrip("Z")
    return f"comptoir-caisse-{site}-{at}Z.json"


async def _examined(examine: Examine | None) -> object:
    """A till that cannot be examined has still something to tell."""
    if examine is None:
        return None
    try:
        return await examine()
    except DeviceFault as fault:
        return {"failed": str(fault)}
