"""The route of devices: how each configured one is, as the till sees it now."""

from typing import Final

from daemon.domain.role import Right
from daemon.web.parts import DeviceShown, WebParts
from daemon.web.route import Answer, Asked, Route


async def _devices(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=tuple(parts.devices()) if parts.devices is not None else ())


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
