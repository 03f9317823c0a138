"""The broker's configuration that is shipped is the one that the hub would write and the tests run with."""

from pathlib import Path

from daemon.hub.broker_files import Listener, configuration

SHIPPED = Path(__file__).parent.parent.parent / "systemd" / "mosquitto.conf"


def directives(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_the_shipped_configuration_is_the_hubs_own() -> None:
    own = configuration(Path("/var/lib/comptoir-broker"), Listener(host="", port=8883))
    assert directives(SHIPPED.read_text("utf-8")) == directives(own)
