"""A small race of ours, and of the libraries that are installed."""

from pathlib import Path

import pytest

from tests.bench.peers import environments, race
from tests.bench.peers.__main__ import main
from tests.bench.peers.environments import OURS, PEERS, MissingError, Peer
from tests.bench.peers.race import GaveUpError
from tests.bench.peers.workload import Size, write

SMALL = Size(customers=200, edits=200, clashes=20)
PYTHON = [peer for peer in PEERS if peer.language == "python"]


@pytest.mark.parametrize("peer", PYTHON, ids=lambda peer: peer.folder)
def test_a_small_race_ends_with_equal_tills(peer: Peer) -> None:
    if not peer.is_installed():
        pytest.skip(f"{peer.title} is not installed: make peers installs it")
    outcome = race.run_once(peer, SMALL)
    assert outcome.fates.equal
    assert outcome.fates.clashes == SMALL.clashes
    assert outcome.sent_mb > 0


def test_ours_loses_nothing_and_the_newer_edit_stands() -> None:
    fates = race.run_once(OURS, SMALL).fates
    assert (fates.newer_won, fates.named, fates.gone) == (SMALL.clashes, SMALL.clashes, 0)


def test_an_adapter_that_fails_is_ended_and_says_why(tmp_path: Path) -> None:
    with race.Race(OURS, tmp_path / "no-workload", tmp_path) as run, pytest.raises(GaveUpError, match="no-workload"):
        run.wait_end(run.start("seed"))


def test_a_process_past_a_limit_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "RSS_MB_MAX", 1.0)
    write(tmp_path / "workload", SMALL)
    with race.Race(OURS, tmp_path / "workload", tmp_path) as run:
        seed = run.start("seed")
        with pytest.raises(GaveUpError, match="seed took over 0 GB"):
            run.wait_end(seed)
    assert seed.popen.poll() is not None


def test_what_cannot_be_installed_is_one_sentence_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_peer: Peer) -> None:
        raise MissingError("Loro could not be installed; the network and the package registries are needed once")

    monkeypatch.setattr(environments.Peer, "install", refuse)
    assert main(["loro"]) == 1
    assert capsys.readouterr().err.startswith("peers: Loro could not be installed; the network")
