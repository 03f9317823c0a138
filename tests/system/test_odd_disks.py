"""Disks that stand still, or take nothing any more: reads go on, nothing is answered before it is saved, once."""

import contextlib
import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.blackbox.audit import everybody
from tests.system.odd_machine import OddMachine, built
from tests.system.processes import Chain, Daemon, running_chain, until

READ_S = 10.0
"""A read that waited for the disk would wait for ever."""

pytestmark = [pytest.mark.needs("mosquitto"), pytest.mark.needs("gcc")]


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1, 2)) as running:
        yield running


@pytest.fixture
def odd(tmp_path: Path, chain: Chain) -> OddMachine:
    machine = built(tmp_path)
    till = chain.tills[0]
    till.stop()
    machine.carry(till)
    till.start()
    return machine


def create(till: Daemon, name: str) -> tuple[int, str]:
    status, answer = till.api.ask("POST", "/customers", {"last_name": name, "surface": "import"})
    return status, answer.get("detail", "") if status >= 400 else answer["customer"]["id"]


@pytest.mark.feature("F4.4")
def test_while_the_disk_stands_still_the_counter_reads_and_nothing_is_said_to_be_saved(
    chain: Chain, odd: OddMachine
) -> None:
    till, other = chain.tills
    before = create(till, "Avant")[1]
    answers: list[tuple[int, object]] = []
    body = {"last_name": "Pendant", "surface": "import"}

    def ask() -> None:
        answers.append(till.api.ask("POST", "/customers", body, key="une-seule-fois"))

    odd.set(stands_still=1)
    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(3.0)
    assert answers == [], "it is not on the disk yet"
    begun = time.perf_counter()
    assert till.api.ask("GET", f"/customers/{before}")[0] == 200
    assert time.perf_counter() - begun < READ_S
    meanwhile = create(other, "Ailleurs")[1]
    odd.set(stands_still=0)
    asking.join()
    assert [status for status, _ in answers] == [201]
    assert till.api.ask("POST", "/customers", body, key="une-seule-fois") == answers[0]
    chain.settle()
    for box in (chain.hub, till, other):
        assert len(box.api.get("/customers?q=pendant")["hits"]) == 1
        assert box.api.ask("GET", f"/customers/{meanwhile}")[0] == 200
    assert till.process is not None
    assert till.process.poll() is None


@pytest.mark.feature("F4.4")
def test_on_a_disk_that_became_read_only_reads_go_on_and_writes_are_refused_in_one_sentence(
    chain: Chain, odd: OddMachine
) -> None:
    till, _ = chain.tills
    before = create(till, "Avant")[1]
    odd.set(read_only=1)
    status, refused = create(till, "Perdu")
    assert status == 503
    assert refused.startswith("the disk"), refused
    assert till.api.ask("GET", f"/customers/{before}")[0] == 200
    odd.set(read_only=0)
    after = until(
        lambda: next((id_ for status, id_ in [create(till, "Guéri")] if status == 201), ""), "a disk to write"
    )
    chain.settle()
    assert chain.hub.api.ask("GET", f"/customers/{after}")[0] == 200
    assert chain.hub.api.get("/customers?q=perdu")["hits"] == []


@pytest.mark.feature("F4.4")
def test_while_the_disk_of_head_office_stands_still_tills_work_and_nothing_counts_as_sent(
    chain: Chain, tmp_path: Path
) -> None:
    odd = built(tmp_path)
    one, other = chain.tills
    chain.hub.stop()
    odd.carry(chain.hub)
    chain.hub.start()
    before = create(one, "Avant")[1]
    chain.settle()
    odd.set(stands_still=1)
    made = [create(box, f"Pendant {number}")[1] for box in (one, other) for number in range(5)]
    time.sleep(5.0)
    assert [box.replication()["copy"]["waiting"] for box in (one, other)] == [5, 5], "it is not on that disk yet"
    begun = time.perf_counter()
    assert chain.hub.api.ask("GET", f"/customers/{before}")[0] == 200
    assert time.perf_counter() - begun < READ_S
    assert [chain.hub.api.ask("GET", f"/customers/{one_of}")[0] for one_of in made] == [404] * 10
    odd.set(stands_still=0)
    chain.settle()
    for box in (chain.hub, one, other):
        assert len(box.api.get("/customers?q=pendant")["hits"]) == 10
    assert chain.hub.process is not None
    assert chain.hub.process.poll() is None


@pytest.mark.feature("F4.4")
def test_what_does_not_reach_the_platter_is_refused_in_one_sentence_and_saved_once_when_asked_again(
    chain: Chain, odd: OddMachine
) -> None:
    till, other = chain.tills
    before = create(till, "Avant")[1]
    body = {"last_name": "Plateau", "surface": "import"}
    asked = [f"plateau-{number}" for number in range(3)]
    odd.set(sync_fails=1)
    for key in asked:
        status, answer = till.api.ask("POST", "/customers", body, key=key)
        assert (status, "reports errors" in answer["detail"]) == (503, True), answer
        assert till.api.get("/customers?q=plateau")["hits"] == [], "nobody sees what was refused"
    assert till.api.ask("GET", f"/customers/{before}")[0] == 200
    # Its last frames may stand in the log: whatever a start makes of them, what is asked again is saved once.
    till.kill()
    odd.set(sync_fails=0)
    till.start()
    for key in asked:
        assert till.api.ask("POST", "/customers", body, key=key)[0] in (200, 201)
    chain.settle()
    for box in (chain.hub, till, other):
        assert len(box.api.get("/customers?q=plateau")["hits"]) == len(asked)
    assert "Traceback" not in till.log.read_text()


@pytest.mark.feature("F4.5")
def test_a_disk_that_cannot_be_read_is_told_in_one_sentence_and_nothing_is_lost_with_it(
    chain: Chain, odd: OddMachine
) -> None:
    till, other = chain.tills
    chain.settle()
    chain.broker.kill()
    made = [create(till, f"Illisible {number}")[1] for number in range(60)]
    till.stop()
    till.start()
    assert till.process is not None
    odd.set(read_fails=1)

    def told() -> list[str]:
        """What is refused while the daemon runs; it may end, and be started again, as by systemd."""
        said = []
        for customer in made:
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, answer = till.api.ask("GET", f"/customers/{customer}")
                assert status in (200, 503), answer
                said += [answer["detail"]] if status == 503 else []
        return said

    sentences = set(told())
    assert sentences, "what was read before is all that was asked for"
    assert all(one.startswith(("the disk of", "the database till.db is damaged:")) for one in sentences), sentences
    for _ in range(3):
        with contextlib.suppress(subprocess.TimeoutExpired):
            till.process.wait(8)
            till.launch()
    meanwhile = create(other, "Ailleurs")[1]
    odd.set(read_fails=0)
    with contextlib.suppress(subprocess.TimeoutExpired):
        till.process.wait(8)
        till.start()
    after = until(lambda: next((id_ for status, id_ in [create(till, "Lisible")] if status == 201), ""), "a disk")
    chain.start_broker()
    chain.settle()
    for box in (chain.hub, till, other):
        assert all(box.api.ask("GET", f"/customers/{one}")[0] == 200 for one in (*made, meanwhile, after))
        assert len(everybody(box.api)) == len(made) + 2
    assert "Traceback" not in till.log.read_text()


@pytest.mark.feature("F4.1")
def test_a_database_that_takes_nothing_though_its_log_does_is_told_by_health_and_doctor(
    chain: Chain, odd: OddMachine
) -> None:
    till, _ = chain.tills
    odd.set(database_fails=1)
    note = {"text": "x" * 900}
    customer = create(till, "Journal")[1]

    def told() -> str:
        status, answer = till.api.ask("POST", f"/customers/{customer}/notes", note)
        assert status == 201, answer
        return "".join(till.api.get("/health")["trouble"])

    sentence = until(told, "the daemon to say so", 120)
    assert "cannot be moved from the log into the database" in sentence
    command = [sys.executable, "-P", "-m", "daemon", "doctor", "--quick", "--config", str(till.config)]
    examined = subprocess.run(
        command, capture_output=True, text=True, cwd="/", check=False, timeout=60, env=os.environ | {"LC_ALL": "fr_FR"}
    )
    assert "ce qui est enregistré ne passe plus du journal dans la base" in examined.stdout, examined.stdout
    assert "mais va mal" in till.api.page("/caisse/etat")
    odd.set(database_fails=0)
    until(lambda: told() == "", "the log to be folded again")
    chain.settle()


def readers_of(till: Daemon) -> set[int]:
    """The processes that read a file for it now."""
    assert till.process is not None
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            raw = path.read_text()
            command = (path.parent / "cmdline").read_bytes()
            if int(raw.rpartition(")")[2].split()[1]) == till.process.pid and b"import_reader" in command:
                found.add(int(path.parent.name))
    return found


@pytest.mark.feature("F4.4")
def test_an_import_on_a_disk_that_refuses_says_why_it_stands_still_and_starts_few_readers(
    chain: Chain, odd: OddMachine
) -> None:
    till, _ = chain.tills
    lines = "".join(f"Import{at};Zoé;zoe{at}@example.org\r\n" for at in range(9_000))
    file = till.config.with_name("clients.csv")
    file.write_text(f"Nom;Prénom;E-mail\r\n{lines}")
    command = [sys.executable, "-P", "-m", "daemon", "customers", "import", str(file), "--config", str(till.config)]
    seen: set[int] = set()
    with contextlib.ExitStack() as ends:
        told = ends.enter_context(file.with_suffix(".told").open("w+"))
        importing = subprocess.Popen(command, cwd="/", stdout=told, stderr=told, env=os.environ | {"LC_ALL": "fr_FR"})
        ends.callback(importing.kill)
        until(lambda: any(job["rows"] for job in till.api.get("/imports")["imports"]), "the import to be under way")
        odd.set(read_only=1)
        until(lambda: till.api.get("/health")["trouble"], "it to say why it waits")
        seen |= readers_of(till)
        end = time.perf_counter() + 20
        while time.perf_counter() < end:
            seen |= readers_of(till)
            time.sleep(0.05)
        (job,) = till.api.get("/imports")["imports"]
        assert job["state"] == "running"
        assert job["waiting"].startswith("the disk"), job
        assert len(seen) <= 4, "a reader is started again and again for nothing"
        odd.set(read_only=0)
        assert importing.wait(180) == 0
        told.seek(0)
        assert "le disque" in told.read()
    (job,) = till.api.get("/imports")["imports"]
    assert (job["state"], job["waiting"], job["created"]) == ("done", None, 9_000)
    assert till.api.get("/health")["trouble"] == []
