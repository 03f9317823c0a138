"""Carries out what the relay wants as units of the store. The simulation runs this very code."""

from dataclasses import replace

from daemon.domain.canonical import pack
from daemon.domain.feed import CHAIN, FRAME_BYTES_MAX, Mark, Scope
from daemon.domain.kind_shape import Reach
from daemon.hub import commands as do
from daemon.hub import fences
from daemon.hub.intake import take_back, take_in
from daemon.hub.warden import ask_again, attend_all
from daemon.store import audit, enrolments, following, holders, missed_rows, ordering, portions, rights
from daemon.store.database import Connection
from daemon.store.index_merging import merge_some
from daemon.store.replica import Replica, get_meta
from daemon.store.scrubbing import unmended
from daemon.store.word_index import reindex_some
from daemon.sync import wire
from daemon.sync.till_facts import audit_places, told_of
from daemon.sync.wire_rows import ALL_GROUPS, Digest, TakenBack

REINDEX_CUSTOMERS = 200
"""Customers indexed at once when the index is made again: some ten milliseconds."""

FRAME_RECORDS_BYTES_MAX = FRAME_BYTES_MAX - 4096


def moved(conn: Connection) -> do.Moved:
    """The heads of all feeds; the chain's is marked from the start, so that tills hear of a hub that has nothing."""
    heads = {CHAIN: ordering.feed_head(conn, CHAIN), **ordering.feed_heads(conn)}
    return do.Moved(heads, enrolments.withdrawn_sites(conn))


def perform(conn: Connection, replica: Replica, command: do.Command, *, now_ms: int) -> list[do.Event]:
    """Carry out one command in the caller's transaction; returns what the relay is to be told, in order."""
    match command:
        case do.LookUp(hello):
            return [welcomed(conn, hello, now_ms=now_ms)]
        case do.BeginGeneration(hello):
            seen = max(cursor.generation for cursor in hello.cursors.values())
            ordering.begin_generation(conn, is_known=False, after=seen)
            return [moved(conn), welcomed(conn, hello, now_ms=now_ms)]
        case do.TakeIn() | do.TakeBack():
            if command.site in enrolments.withdrawn_sites(conn):
                return [moved(conn)]  # this was on its way when the site was withdrawn
            return order(conn, replica, command, now_ms=now_ms)
        case do.FindFrame() | do.FindRows() | do.FindDigest() | do.FindRoot() | do.Scrub() | do.TakeHeld():
            return [
                care(conn, replica, command)
                if isinstance(command, do.Scrub | do.TakeHeld)
                else find(conn, replica, command, now_ms=now_ms)
            ]
        case do.Note():
            note(conn, command, now_ms=now_ms)
            return _heard_told(conn, replica, command, now_ms=now_ms)
        case do.Send() | do.Publish():
            raise AssertionError("messages are for the link, not for the store")


def order(conn: Connection, replica: Replica, command: do.TakeIn | do.TakeBack, *, now_ms: int) -> list[do.Event]:
    """Order what a till has to say, or gives back."""
    match command:
        case do.TakeIn(site, till, batch):
            found = take_in(conn, replica, batch, now_ms=now_ms)
            taken = do.Taken(
                site, till, batch.incarnation, found.head, found.count, found.misplaced, found.reseal, found.reason
            )
            return [moved(conn), taken] if found.count else [taken]
        case do.TakeBack(site, frame):
            answer = do.Answered(site, TakenBack(frame.scope, frame.generation, frame.last))
            new = take_back(conn, replica, frame, now_ms=now_ms)
            return [moved(conn), answer] if new else [answer]


def care(conn: Connection, replica: Replica, command: do.Scrub | do.TakeHeld) -> do.Event:
    """Look for damaged rows, and put right what a till gives back."""
    match command:
        case do.Scrub(after):
            hurry = reindex_some(conn, customers=REINDEX_CUSTOMERS) or merge_some(conn, replica)
            upto, found = unmended(conn, replica, after)
            keys = tuple(key for key, _, _ in found)
            missed_rows.note(conn, keys)
            return do.Scrubbed(upto, keys, hurry)
        case do.TakeHeld(rows):
            return do.Mended(missed_rows.take(conn, rows))


def find(
    conn: Connection,
    replica: Replica,
    command: do.FindFrame | do.FindRows | do.FindDigest | do.FindRoot,
    *,
    now_ms: int,
) -> do.Event:
    """What tills ask for: only reads."""
    match command:
        case do.FindFrame(scope, after, site):
            frame = ordering.frame_after(conn, scope, after, bytes_max=FRAME_RECORDS_BYTES_MAX)
            is_pruned = frame is None and after < ordering.log_start(conn, scope)
            return do.FrameFound(scope, site, frame, is_pruned)
        case do.FindRows(scope, after, buckets, site, part):
            return do.RowsFound(site, portions.read_portion(conn, replica, scope, after, buckets, part))
        case do.FindDigest(scope, group, site):
            return do.Answered(site, digest(conn, replica, scope, group))
        case do.FindRoot(scope):
            cursor = ordering.feed_head(conn, scope)
            backed_up = int(get_meta(conn, "backed_up", 0)) if not scope.reach else 0
            whole = not following.has_parked(conn, scope)
            erased = replica.erased_sum if scope.reach == Reach.SHOP else None
            root = replica.root(conn, scope)
            return do.RootFound(Mark(scope, cursor, root, now_ms, backed_up, is_whole=whole, erased=erased))


def digest(conn: Connection, replica: Replica, scope: Scope, group: int) -> Digest:
    """The digests of all groups of buckets, or the buckets of one."""
    buckets = replica.digest_of(conn, scope)
    found = buckets.groups() if group == ALL_GROUPS else buckets.group(group)
    return Digest(scope, ordering.feed_head(conn, scope), group, found)


def welcomed(conn: Connection, hello: wire.Hello, *, now_ms: int) -> do.Known:
    """What the relay is told of a till that greets; its boot is noted, in case another box lives under its site."""
    fenced = fences.greeted(conn, hello.site, hello.boot, hello.greeting, now_ms=now_ms)
    return replace(look_up(conn, hello), fenced=fenced)


def look_up(conn: Connection, hello: wire.Hello) -> do.Known:
    """What this hub holds of a till: its position, and how the feeds that it follows compare with where it stands."""
    feeds: dict[Scope, wire.FeedStanding] = {}
    ahead = False
    for scope, theirs in hello.cursors.items():
        head = ordering.feed_head(conn, scope)
        fork = ordering.fork_after(conn, scope, theirs, hello.trails.get(scope, ()))
        feeds[scope] = wire.FeedStanding(head, fork, ordering.log_start(conn, scope))
        if theirs.generation == head.generation:
            chain = ordering.chain_at(conn, scope, theirs.offset)
            ahead = ahead or (theirs.offset > head.offset) or (chain is not None and chain != theirs.chain)
        ahead = ahead or theirs.generation > head.generation
    return do.Known(hello, ordering.head_of(conn, hello.site, hello.head.incarnation), feeds, ahead)


def _heard_told(conn: Connection, replica: Replica, said: do.Note, *, now_ms: int) -> list[do.Event]:
    """With the last till that has told this process all it had, rights are minded again; says what that moved.

    A till that still speaks to an earlier process is to greet this one: the presence of this one was lost on its way,
    or was overtaken by the last welcome of the other. It says so with each report, so this needs no memory.
    """
    told = told_of(said.report.facts) if said.report is not None else None
    if told is None:
        return []
    if told.hub_boot != replica.boot:
        return [do.Recall(said.site)]
    holders.note_lot(conn, said.site, told.lot, now_ms=now_ms)
    is_told = rights.is_told(conn, said.site, boot=told.hub_boot, lot=told.lot)
    is_last = rights.has_told(conn, said.site, boot=told.hub_boot, lot=told.lot)
    count = 0 if is_told else ask_again(conn, replica, said.site, now_ms=now_ms)
    is_last = rights.excuse_silent(conn, replica.boot, now_ms=now_ms) or is_last
    count += attend_all(conn, replica, now_ms=now_ms) if is_last else 0
    return [moved(conn)] if count else []


def note(conn: Connection, said: do.Note, *, now_ms: int) -> None:
    """Keep what a till says of itself."""
    hello, report = said.hello, said.report
    if hello is not None:
        clock, version = hello.clock_ms, hello.version
        offset = next((cursor.offset for scope, cursor in hello.cursors.items() if not scope.reach), 0)
        waiting, facts = None, None
    elif report is not None:
        clock, version, offset = report.clock_ms, report.version, report.offset
        waiting, facts = report.waiting, pack(report.facts)
        audit.hear(conn, said.site, audit_places(report.facts))
    else:
        return
    head = ordering.feed_head(conn, CHAIN).offset
    conn.execute(
        "INSERT INTO roster"
        " (site, online, heard_ms, clock_ahead_ms, version, feed_offset, head_offset, waiting, report)"
        " VALUES (?,1,?,?,?,?,?,coalesce(?,0),coalesce(?,x''))"
        " ON CONFLICT (site) DO UPDATE SET online=1, heard_ms=excluded.heard_ms,"
        " clock_ahead_ms=excluded.clock_ahead_ms, version=excluded.version, feed_offset=excluded.feed_offset,"
        " head_offset=excluded.head_offset, waiting=coalesce(?,waiting), report=coalesce(?,report)",
        (said.site, now_ms, clock - now_ms, version, offset, head, waiting, facts, waiting, facts),
    )
