"""Finds values that several customers hold, and the awards given for them."""

from collections.abc import Iterable, Iterator

from daemon.domain.claims import claims_of
from daemon.domain.contest import CONTESTED, Claimant, Contest
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.store.customers import persons
from daemon.store.database import Connection
from daemon.store.elements import elements_of, read_stored


def begun_by(conn: Connection, entities: Iterable[bytes]) -> Iterator[Contest]:
    """The contests in which one of these customers takes part, each value once."""
    seen: set[tuple[int, str]] = set()
    for entity in sorted(entities):
        held = {(claim, value) for one in elements_of(conn, entity) for claim, value, _ in claims_of(one)}
        for claim, value in sorted(held):
            if claim not in CONTESTED or (claim, value) in seen:
                continue
            seen.add((claim, value))
            contest = contest_for(conn, claim, value)
            holders = {EntityId(claimant.customer) for claimant in contest.claimants}
            # Records that were merged are one person, who may have a value twice.
            if len(holders) > 1 and len(set(persons(conn, sorted(holders)))) > 1:
                yield contest


def contest_for(conn: Connection, claim: int, value: str) -> Contest:
    """Who holds a value (normal form), and the awards for it. Raises DamagedRow."""
    claimants: list[Claimant] = []
    awards: list[Element] = []
    for entity, kind, dot, field in conn.execute(
        "SELECT entity, kind, dot, field FROM lookup WHERE claim = ? AND value = ?", (claim, value)
    ).fetchall():
        row = conn.execute(
            "SELECT body, hash FROM element WHERE entity = ? AND kind = ? AND dot = ?", (entity, kind, dot)
        ).fetchone()
        if row is not None:
            claimants.append(Claimant(entity, read_stored((entity, kind, dot), *row)[0].stamp(field)))
        for award_dot, *stored in conn.execute(
            "SELECT dot, body, hash FROM element WHERE entity = ? AND kind = ?", (entity, int(Kind.AWARD))
        ).fetchall():
            award, _ = read_stored((entity, int(Kind.AWARD), award_dot), *stored)
            if award.fields.get(1) == claim and award.fields.get(2) == value and award not in awards:
                awards.append(award)
    return Contest(claim, value, tuple(claimants), tuple(awards))
