"""Whoever asks goes first, and nobody waits for ever."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from daemon.store.courtesy import QUIET_S, SAVED_MAX_S, WORTH_S, Courtesy
from daemon.store.database import Connection, open_database


@dataclass
class _Time:
    """Time that passes where somebody waits, and nobody tells that the reader has its answer."""

    now_s: float = 0.0
    waited: list[float] = field(default_factory=list)

    def monotonic_s(self) -> float:
        return self.now_s

    def now_ms(self) -> int:
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now_s += seconds


def test_a_writer_goes_on_at_once_where_nobody_reads() -> None:
    time = _Time()
    assert Courtesy(time, time.wait).give_way() == 0
    assert not time.waited


def test_a_writer_pauses_until_the_reader_has_its_answer() -> None:
    courtesy, paused, went_on = Courtesy(), threading.Event(), threading.Event()
    told = courtesy._wait

    def wait(seconds: float) -> None:
        paused.set()
        assert told(10 + seconds), "the reader's answer was not told"

    def work() -> None:
        courtesy.give_way()
        went_on.set()

    courtesy._wait = wait
    writer = threading.Thread(target=work)
    with courtesy.reading():
        writer.start()
        assert paused.wait(10)
        with courtesy.reading():
            pass
        assert not went_on.wait(0.05), "the first reader reads still"
    assert went_on.wait(10)
    writer.join()


def test_who_reads_all_the_time_holds_a_writer_up_for_half_of_it() -> None:
    time = _Time()
    courtesy = Courtesy(time, time.wait)
    with courtesy.reading():
        courtesy.give_way()
        assert time.waited == [SAVED_MAX_S]
        began = time.now_s
        for _ in range(1_000):
            time.now_s += 0.001  # what the writer does between two looks
            courtesy.give_way()
        paused = sum(time.waited) - SAVED_MAX_S
    assert 0.4 < paused / (time.now_s - began) <= 0.51


def test_a_pause_that_is_worth_nothing_is_saved_up() -> None:
    time = _Time()
    courtesy = Courtesy(time, time.wait)
    with courtesy.reading():
        courtesy.give_way()
        for _ in range(1_000):
            time.now_s += WORTH_S / 25
            courtesy.give_way()
    assert min(time.waited) >= WORTH_S
    assert 0.4 < (sum(time.waited) - SAVED_MAX_S) / (time.now_s - SAVED_MAX_S) <= 0.51


def test_it_is_quiet_a_while_after_the_last_search() -> None:
    time = _Time()
    courtesy = Courtesy(time, time.wait)
    assert courtesy.is_quiet(), "nobody has searched yet"
    with courtesy.reading():
        assert courtesy.is_quiet(), "who reads something else does not type"
    with courtesy.reading(is_search=True):
        assert not courtesy.is_quiet()
    time.now_s += QUIET_S / 2
    assert not courtesy.is_quiet()
    time.now_s += QUIET_S / 2
    assert courtesy.is_quiet()


async def test_a_unit_that_writes_stands_still_while_a_unit_reads(tmp_path: Path) -> None:
    """On a real file: the writer is in the middle of a long statement when somebody begins to read."""
    async with open_database(tmp_path / "till.db") as database:
        paused: list[float] = []
        real = database._courtesy._wait

        def wait(seconds: float) -> None:
            paused.append(seconds)
            real(seconds)

        def fill(conn: Connection) -> None:
            sql = "WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 50000)"
            conn.execute(f"INSERT INTO filled {sql} SELECT at FROM n")

        database._courtesy._wait = wait
        await database.write(lambda conn: conn.execute("CREATE TABLE filled (at INTEGER PRIMARY KEY)"))
        with database._courtesy.reading():
            await database.write(fill)
        assert paused
        assert await database.read(lambda conn: conn.execute("SELECT count(*) FROM filled").fetchone()[0]) == 50_000
