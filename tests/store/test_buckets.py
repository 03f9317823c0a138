"""The digest on disk: a log folded into totals, and what a reader sees of it."""

from pathlib import Path

import pytest

from daemon.domain.digest import WIDTH, Buckets
from daemon.domain.feed import CHAIN
from daemon.store import buckets
from daemon.store.buckets import SavedDigest, log_buckets, read_buckets, replace_buckets
from daemon.store.database import migrate, open_connection, run


def total(number: int) -> bytes:
    return number.to_bytes(WIDTH, "little")


def test_a_reader_sees_the_digest_of_the_last_commit_through_folds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "FOLD_AFTER_ROWS", 3)
    writer = open_connection(tmp_path / "till.db")
    migrate(writer)
    reader = open_connection(tmp_path / "till.db", read_only=True)
    seen, here = SavedDigest(CHAIN), Buckets()
    assert seen.root(reader) == here.root()
    for step in range(1, 12):
        before = here.root()
        here.put(step % 5, total(step))
        writer.execute("BEGIN IMMEDIATE")
        log_buckets(writer, CHAIN, {step % 5: total(step)})
        assert seen.root(reader) == before, "nothing is committed yet"
        writer.execute("COMMIT")
        assert seen.root(reader) == here.root() == read_buckets(reader, CHAIN).root()
    here.put(4, bytes(WIDTH))
    run(writer, lambda conn: replace_buckets(conn, {CHAIN: here}))
    assert seen.root(reader) == here.root()
    reader.close()
    writer.close()


def test_a_unit_folds_a_part_of_a_long_log_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "FOLD_AFTER_ROWS", 5)
    monkeypatch.setattr(buckets, "FOLD_AT_ONCE", 20)
    writer = open_connection(tmp_path / "till.db")
    migrate(writer)
    reader = open_connection(tmp_path / "till.db", read_only=True)
    seen, here = SavedDigest(CHAIN), Buckets()
    longest = 0
    for step in range(60):
        totals = {(step * 7 + at) % 50: total(step * 100 + at) for at in range(step % 13 + 1)}
        for bucket, one in totals.items():
            here.put(bucket, one)
        run(writer, lambda conn, totals=totals: log_buckets(conn, CHAIN, totals))  # type: ignore[misc]
        if step % 3 == 0:
            assert seen.root(reader) == here.root()
        assert read_buckets(reader, CHAIN).root() == here.root()
        (rows,) = writer.execute("SELECT count(*) FROM bucket_log").fetchone()
        longest = max(longest, rows)
    assert longest <= 6
    writer.close()
    reader.close()
