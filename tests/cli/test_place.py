"""Which daemon is meant."""

from argparse import Namespace
from pathlib import Path

import pytest

from daemon.cli import place as places
from daemon.cli.place import card_prefixes, configured_language, glance, place_of, public_host
from daemon.errors import OperatorMistake


def given(config: Path | None = None, socket: Path | None = None) -> Namespace:
    return Namespace(config=str(config) if config else None, socket=str(socket) if socket else None)


def written(folder: Path, text: str, name: str = "till.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_socket_is_named_outright_or_by_the_environment(tmp_path: Path) -> None:
    environ = {"COMPTOIR_SOCKET": "/run/b.sock"}
    assert place_of(given(socket=Path("/run/a.sock")), environ).socket == Path("/run/a.sock")
    assert place_of(given(), environ).socket == Path("/run/b.sock")
    config = written(tmp_path, '[till]\nstate_directory = "/var/x"\n')
    assert place_of(given(config), environ).socket == Path("/var/x/comptoir.sock"), "a named file counts more"


def test_a_configuration_says_role_state_and_socket(tmp_path: Path) -> None:
    till = glance(written(tmp_path, '[till]\nstate_directory = "/var/x"\n[http]\nsocket = "/run/x.sock"\n'))
    assert (till.role, till.state, till.socket) == ("till", Path("/var/x"), Path("/run/x.sock"))
    hub = glance(written(tmp_path, '[hub]\nstate_directory = "/var/y"\npublic_host = "siege"\n', "hub.toml"))
    assert (hub.role, hub.socket) == ("hub", Path("/var/y/comptoir.sock"))


def test_the_configuration_of_this_machine_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configs = {"till": tmp_path / "till.toml", "hub": tmp_path / "hub.toml"}
    monkeypatch.setattr(places, "CONFIGS", configs)
    with pytest.raises(OperatorMistake, match="is not there: name the configuration with --config FILE"):
        place_of(given(), {})
    written(tmp_path, '[hub]\nstate_directory = "/var/y"\n', "hub.toml")
    assert place_of(given(), {}).role == "hub"
    written(tmp_path, '[till]\nstate_directory = "/var/x"\n')
    assert place_of(given(), {}).role == "till"
    assert place_of(given(), {}, role="hub").role == "hub"


def test_a_mistake_elsewhere_in_the_file_does_not_keep_a_command_from_its_daemon(tmp_path: Path) -> None:
    config = written(tmp_path, '[till]\nstate_directory = "/var/x"\n[[reader]]\nkind = "nonsense"\n')
    assert glance(config).role == "till"


@pytest.mark.parametrize(
    ("text", "said"),
    [("[till\n", "this is not TOML"), ("[till]\n", "till.state_directory: this key is required")],
)
def test_what_cannot_be_read_is_told_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(OperatorMistake, match=f"till.toml: {said}"):
        glance(written(tmp_path, text))
    with pytest.raises(OperatorMistake, match="is not there"):
        glance(tmp_path / "none.toml")


def test_a_token_comes_from_the_environment_or_the_state_directory(tmp_path: Path) -> None:
    (tmp_path / "cli.token").write_text("kept\n")
    config = written(tmp_path, f'[till]\nstate_directory = "{tmp_path}"\n')
    place = glance(config)
    assert place.caller({})._token == "kept"
    assert place.caller({"COMPTOIR_TOKEN": "given"})._token == "given"
    assert place_of(given(socket=tmp_path / "x"), {}).caller({})._token == ""


def test_small_facts_are_taken_from_the_file_without_the_drivers(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        '[hub]\nstate_directory = "/x"\npublic_host = "siege"\nlanguage = "fr"\n[enrol]\nport = 9443\n',
        "hub.toml",
    )
    assert public_host(config) == "siege:9443"
    assert public_host(tmp_path / "none") == ""
    assert (configured_language(config), configured_language(tmp_path / "none")) == ("fr", "")
    till = written(tmp_path, '[till]\nstate_directory = "/x"\n[cards]\nprefixes = ["28", "29"]\n')
    assert card_prefixes(glance(till)) == ("28", "29")
    assert card_prefixes(glance(written(tmp_path, '[till]\nstate_directory = "/x"\n'))) == ("29",)
