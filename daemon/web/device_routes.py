"""The route of devices: how each configured one is, readers as the till sees them, printers as they answer.

A display answers nothing, a drawer is as well as the printer that it hangs on.
"""

from typing import Final

from daemon.desk import instant
from daemon.desk.outputs import OutputHealth, outputs
from daemon.domain.role import Right
from daemon.web.parts import DeviceShown, WebParts
from daemon.web.route import Answer, Asked, Route


async def devices_of(parts: WebParts) -> tuple[DeviceShown, ...]:
    """Readers first, then printers, displays, the drawer."""
    desks = parts.desks
    readers = tuple(parts.devices()) if parts.devices is not None else ()
    printers = await desks.badges.printers() if desks.badges is not None else ()
    return (*readers, *map(_shown, outputs(printers, desks.displays.healths(), desks.printouts.drawer)))


def _shown(health: OutputHealth) -> DeviceShown:
    return DeviceShown(
        device=health.device,
        state=health.state,
        detail=health.detail,
        last_read_at=None,
        last_used_at=instant.shown(health.last_used_ms or 0) or None,
        bad_frames=0,
        reconnects=health.reconnects,
        role=health.role,
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
