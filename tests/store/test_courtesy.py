"""Whoever asks goes first, and nobody waits for ever."""

from dataclasses import dataclass, field
from pathlib import Path

from daemon.store.courtesy import PAUSE_S, SAVED_MAX_S, Courtesy
from daemon.store.database import Connection, open_database


@dataclass
class _Time:
    """Time that passes where somebody sleeps; `until`: when the reader has its answer."""

    now_s: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic_s(self) -> float:
        return self.now_s

    def now_ms(self) -> int:
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    def pause(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


def test_a_writer_goes_on_at_once_where_nobody_reads() -> None:
    time = _Time()
    assert Courtesy(time, time.pause).give_way() == 0
    assert not time.slept


def test_a_writer_pauses_until_the_reader_has_its_answer() -> None:
    time = _Time()

    def pause(seconds: float) -> None:
        time.pause(seconds)
        if len(time.slept) == 5:
            reading.__exit__(None, None, None)

    courtesy = Courtesy(time, pause)
    reading = courtesy.reading()
    reading.__enter__()
    courtesy.give_way()
    assert time.slept == [PAUSE_S] * 5


def test_who_reads_all_the_time_holds_a_writer_up_for_half_of_it() -> None:
    time = _Time()
    courtesy = Courtesy(time, time.pause)
    with courtesy.reading():
        courtesy.give_way()
        assert SAVED_MAX_S <= time.now_s < SAVED_MAX_S + 2 * PAUSE_S
        given, began = len(time.slept), time.now_s
        for _ in range(1_000):
            time.now_s += 0.001  # what the writer does between two looks
            courtesy.give_way()
        paused = (len(time.slept) - given) * PAUSE_S
    assert 0.4 < paused / (time.now_s - began) <= 0.51


async def test_a_unit_that_writes_stands_still_while_a_unit_reads(tmp_path: Path) -> None:
    """On a real file: the writer is in the middle of a long statement when somebody begins to read."""
    async with open_database(tmp_path / "till.db") as database:
        paused: list[float] = []
        real = database._courtesy._sleep

        def pause(seconds: float) -> None:
            paused.append(seconds)
            real(seconds)

        def fill(conn: Connection) -> None:
            sql = "WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 50000)"
            conn.execute(f"INSERT INTO filled {sql} SELECT at FROM n")

        database._courtesy._sleep = pause
        await database.write(lambda conn: conn.execute("CREATE TABLE filled (at INTEGER PRIMARY KEY)"))
        with database._courtesy.reading():
            await database.write(fill)
        assert paused
        assert await database.read(lambda conn: conn.execute("SELECT count(*) FROM filled").fetchone()[0]) == 50_000
