"""Figures for Prometheus: how often, how long, how much waits, how devices are. No label ever names a person."""

from collections.abc import Iterable
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from daemon.desk import instant
from daemon.desk.condition import Replication


class DeviceFigures(Protocol):
    """What is told of a device."""

    @property
    def device(self) -> str:
        """Its name in the configuration."""
        ...

    @property
    def role(self) -> str:
        """Reader or printer."""
        ...

    @property
    def state(self) -> str:
        """One of `STATES`."""
        ...

    @property
    def last_read_at(self) -> str | None:
        """When a reader last read, as an instant of the API; None: not since the start."""
        ...

    @property
    def last_used_at(self) -> str | None:
        """When anything else was last sent something."""
        ...


STATES: Final = ("up", "connecting", "absent", "error", "held")
"""What a device may be, each of which is a figure of 0 or 1: so a dashboard can count them."""

MEDIA = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The figures of one daemon."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "comptoir_requests", "Requests by route and status.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "comptoir_request_seconds",
            "Time to answer, by route.",
            ["route"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
            registry=self._registry,
        )
        self._events = Counter("comptoir_live_events", "Live events by kind.", ["kind"], registry=self._registry)
        self._listeners = Gauge("comptoir_live_listeners", "Clients that follow live events.", registry=self._registry)
        self._waiting = Gauge(
            "comptoir_records_waiting", "Own records that head office lacks.", registry=self._registry
        )
        self._age = Gauge("comptoir_copy_age_seconds", "Since the copy was proved equal.", registry=self._registry)
        self._device_states = Gauge(
            "comptoir_device_state",
            "1 for the state that the device is in.",
            ["device", "role", "state"],
            registry=self._registry,
        )
        self._device_used = self._counted(
            "comptoir_device_last_used_timestamp_seconds", "When it last read, printed or showed something."
        )
        self._devices = {
            "up": self._counted("comptoir_device_up", "1 while the device works."),
            "bad_frames": self._counted("comptoir_device_bad_frames", "Damaged readings since the start."),
            "suppressed": self._counted("comptoir_device_repetitions", "Readings that repeated one, since the start."),
            "reconnects": self._counted("comptoir_device_reconnects", "Times that it came back, since the start."),
            "refused_full": self._counted("comptoir_device_reads_refused", "Readings that nobody had room for."),
        }
        self._online = Gauge("comptoir_link_online", "1 while the line to head office is up.", registry=self._registry)

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request; `route` is the template, never the path."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_event(self, kind: str) -> None:
        """One live event."""
        self._events.labels(kind).inc()

    def _counted(self, name: str, told: str) -> Gauge:
        """A figure that devices count themselves."""
        return Gauge(name, told, ["device", "role"], registry=self._registry)

    def tell_devices(self, devices: Iterable[DeviceFigures]) -> None:
        """How the devices are now; those that were told before and are gone are forgotten."""
        for gauge in (*self._devices.values(), self._device_states, self._device_used):
            gauge.clear()
        for device in devices:
            for state in STATES:
                self._device_states.labels(device.device, device.role, state).set(device.state == state)
            used = device.last_read_at or device.last_used_at
            if used:
                self._device_used.labels(device.device, device.role).set(instant.parse(used, field="used") / 1000)
            for figure, gauge in self._devices.items():
                value = device.state == "up" if figure == "up" else getattr(device, figure)
                gauge.labels(device.device, device.role).set(int(value))

    def page(self, replication: Replication, *, listeners: int) -> bytes:
        """All figures as Prometheus reads them."""
        self._listeners.set(listeners)
        self._waiting.set(replication.copy.waiting)
        age = replication.copy.age_s
        self._age.set(float("nan") if age is None else age)
        self._online.set(int(replication.link is not None and replication.link.online))
        return generate_latest(self._registry)
