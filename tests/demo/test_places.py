"""Where a demo lives: what it writes is what the roles read, and it takes no folder of somebody else's."""

import socket
from pathlib import Path

import pytest

from daemon.config import load_hub, load_till
from daemon.demo.places import HubPorts, TillPorts, claim, places, port_at, write_hub, write_till
from daemon.errors import OperatorMistake


def test_two_tills_stand_in_one_shop_and_one_in_another(tmp_path: Path) -> None:
    found = places(tmp_path)
    assert [(till.name, till.shop.number) for till in found.tills] == [
        ("caisse-1", 1),
        ("caisse-2", 1),
        ("caisse-3", 2),
    ]
    assert [place.wanted_port for place in (found.hub, *found.tills)] == [8100, 8101, 8102, 8103]


def test_the_roles_read_what_is_written_for_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    # The path of a socket has 108 bytes, and a test's own folder takes most of them.
    found = places(tmp_path_factory.mktemp("d") / "démo « à moi »")
    found.directory.mkdir()
    claim(found, fresh=False)
    write_hub(found.hub, HubPorts(pages=1, enrol=2, broker=3))
    hub = load_hub(found.hub.config)
    assert (hub.http.port, hub.enrol.port, hub.broker.port, hub.broker.tls) == (1, 2, 3, False)
    assert hub.socket == found.hub.socket

    place = found.tills[0]
    write_till(place, TillPorts(pages=4, line=5, printer=6))
    till = load_till(place.config)
    assert (till.http.port, till.link.port, till.link.tls, till.till.language) == (4, 5, False, "fr")
    assert till.reader[0].settings.path == str(place.scanner)
    assert till.printer[0].address == "tcp://127.0.0.1:6"
    assert till.socket == place.socket


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(OperatorMistake, match="holds other things than a demo"):
        claim(places(tmp_path), fresh=True)
    assert (tmp_path / "thesis.odt").exists()


def test_a_fresh_start_removes_what_was_there_and_another_one_does_not(tmp_path: Path) -> None:
    found = places(tmp_path)
    claim(found, fresh=False)
    kept = found.tills[0].badges / "0001.png"
    kept.touch()
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "lock").touch()
    claim(found, fresh=False)
    assert kept.exists()
    claim(found, fresh=True)
    assert not kept.exists()
    assert found.tills[0].badges.is_dir()
    assert (tmp_path / "lock").exists(), "the process that claims it holds it"


def test_nobody_else_may_enter(tmp_path: Path) -> None:
    claim(places(tmp_path), fresh=False)
    assert tmp_path.stat().st_mode & 0o077 == 0


def test_a_path_too_long_for_sockets_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(OperatorMistake, match="bytes too long for sockets"):
        places(tmp_path / ("x" * 100))


def test_a_port_that_is_taken_is_replaced_by_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert port_at(port) not in (0, port)
    assert port_at(port) == port
