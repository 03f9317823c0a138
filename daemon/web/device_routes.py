"""The route of devices: how each configured one is, readers as the till sees them, printers as they answer."""

from typing import Final

from daemon.desk.print_shown import PrinterHealth
from daemon.domain.print_job import GESTURES, Hold
from daemon.domain.role import Right
from daemon.web.parts import DeviceShown, WebParts
from daemon.web.route import Answer, Asked, Route

_STATES: Final = {None: "up", Hold.ABSENT: "absent", Hold.SILENT: "error", Hold.FAULT: "error"}


async def devices_of(parts: WebParts) -> tuple[DeviceShown, ...]:
    """Readers first, then printers."""
    readers = tuple(parts.devices()) if parts.devices is not None else ()
    badges = parts.desks.badges
    return (*readers, *(_shown(health) for health in (await badges.printers() if badges is not None else ())))


def _shown(health: PrinterHealth) -> DeviceShown:
    return DeviceShown(
        device=health.printer,
        state=_STATES.get(health.hold, "held"),
        detail=GESTURES[health.hold] if health.hold else "",
        last_read_at=None,
        bad_frames=0,
        reconnects=0,
        role="printer",
    )


async def _devices(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await devices_of(parts))


ROUTES: Final = (
    Route(
        method="GET",
        path="/devices",
        summary="How each configured device is.",
        right=Right.READ,
        answer=tuple[DeviceShown, ...],
        act=_devices,
        till=True,
    ),
)
