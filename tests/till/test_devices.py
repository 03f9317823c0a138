"""The till's readers in the words of the API and of a report to head office."""

from daemon.drivers.device import DeviceHealth, DeviceState
from daemon.sync.till_facts import DeviceTold
from daemon.till.devices import shown_devices, told_devices
from daemon.web.parts import DeviceShown

HEALTH = DeviceHealth(
    device="scanner",
    state=DeviceState.UP,
    detail="",
    last_read_ms=1_700_000_000_000,
    bad_frames=2,
    suppressed=3,
    reconnects=1,
    refused_full=4,
)


def test_every_figure_of_a_reader_is_shown_and_told() -> None:
    assert shown_devices([HEALTH]) == [
        DeviceShown(
            device="scanner",
            state="up",
            detail="",
            last_read_at="2023-11-14T22:13:20Z",
            bad_frames=2,
            reconnects=1,
            suppressed=3,
            refused_full=4,
        )
    ]
    assert told_devices([HEALTH]) == (DeviceTold("scanner", "up", 1_700_000_000_000, 2, 3, 1, 4),)
