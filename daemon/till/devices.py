"""The till's readers: built from the configuration, their events handed to the desks."""

from collections.abc import Callable, Iterable
from typing import Any

from daemon.clock import Clock
from daemon.config import TillConfig
from daemon.desk import instant
from daemon.desk.events import Event
from daemon.desk.outputs import OutputHealth
from daemon.desk.scan import PAYMENT_CARD, ScanDesk
from daemon.drivers.catalogue import built
from daemon.drivers.device import AnyReader, CardRead, DeviceHealth, ReadRefused, Refusal
from daemon.drivers.event_queue import EventQueue
from daemon.sync.till_facts import DeviceTold, Fact, device_fact, output_fact
from daemon.web.parts import DeviceShown, SimulatedTaps

Announce = Callable[[str, object], None]


def readers(config: TillConfig, clock: Clock) -> list[AnyReader]:
    """The configured readers; nothing is opened yet."""
    return [built(one.kind, one.settings, clock) for one in config.reader]


def simulated(those: Iterable[AnyReader], config: TillConfig) -> tuple[SimulatedTaps, ...]:
    """The readers that have no device; nothing is imported where there is none."""
    if not any(one.kind == "simulated" for one in config.reader):
        return ()
    from daemon.drivers.simulated_reader import SimulatedReader

    return tuple(one for one in those if isinstance(one, SimulatedReader))


def shown_devices(healths: Iterable[DeviceHealth]) -> list[DeviceShown]:
    """How the readers are, in the words of the API."""
    return [
        DeviceShown(
            device=one.device,
            state=one.state.value,
            detail=one.detail,
            last_read_at=instant.shown(one.last_read_ms or 0) or None,
            bad_frames=one.bad_frames,
            reconnects=one.reconnects,
            suppressed=one.suppressed,
            refused_full=one.refused_full,
        )
        for one in healths
    ]


def told_devices(healths: Iterable[DeviceHealth]) -> tuple[DeviceTold, ...]:
    """How the readers are, in the words of a report to head office."""
    return tuple(
        DeviceTold(
            one.device,
            one.state.value,
            one.last_read_ms or 0,
            one.bad_frames,
            one.suppressed,
            one.reconnects,
            one.refused_full,
        )
        for one in healths
    )


def told_outputs(healths: Iterable[OutputHealth]) -> tuple[DeviceTold, ...]:
    """How printers, displays and the drawer are, in the words of a report to head office."""
    return tuple(
        DeviceTold(one.device, one.state, one.last_used_ms or 0, 0, 0, one.reconnects, 0, one.role) for one in healths
    )


def device_facts(readers: Iterable[DeviceHealth], others: Iterable[OutputHealth]) -> dict[int, Any]:
    """How all devices are, as facts of a report."""
    return {
        Fact.DEVICES: device_fact(told_devices(readers)),
        Fact.OUTPUTS: output_fact(told_outputs(others)),
    }


async def follow_readers(events: EventQueue, scans: ScanDesk, announce: Announce) -> None:
    """Look up what is read, and tell how the devices are; for ever."""
    while True:
        match await events.get():
            case CardRead(device=device, code=code):
                await scans.scanned(code, device=device, by_reader=True)
            case ReadRefused(reason=Refusal.ADD_ON):
                pass  # it comes beside the barcode proper, which was read
            case ReadRefused(device=device, reason=reason):
                scans.refused(PAYMENT_CARD if reason is Refusal.PAYMENT_CARD else reason.value, device=device)
            case DeviceHealth() as health:
                announce(Event.DEVICE, health)
