"""Finds and identifies customers on the local disk; the network is never asked."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from daemon.desk.candidates import Pool, Sought, fill_up, gather, how_many
from daemon.desk.customer import Customer, Merged, customer_of, row_of
from daemon.desk.customer_fields import refuse_payment_card
from daemon.desk.customer_parts import consents_at, newest_stamp, of_kind
from daemon.desk.premises import Premises
from daemon.desk.search_answer import (
    Candidate,
    CopyAge,
    Hit,
    Identification,
    SearchAnswer,
    brief_of,
    copy_age,
    hits_of,
    identification_of,
    orders_of,
)
from daemon.domain import mail_address, phone, policy_book
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.leaving import is_deleted
from daemon.domain.policy_book import SEARCH_LENGTH_MIN
from daemon.domain.ranking import Nearness, Query, parse_query
from daemon.errors import NotFound, OperatorMistake
from daemon.store import changes, customers, elements, operators
from daemon.store.database import Connection

LIMIT_MAX = 200
POOL_MIN = 40
"""Candidates looked at to rank the best first: each is read from another place of the file."""

CARD_CLAIMS = (Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER)
"""What a scanned or typed code may name, in this order."""


class LookupDesk:
    """Where customers are found."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def customer(self, id_: EntityId) -> Customer:
        """One customer with all that belongs to it; raises NotFound."""

        def unit(conn: Connection) -> Customer:
            return load_customer(conn, id_, self._premises.now_ms())

        return await self._premises.database.read(unit)

    async def search(
        self, text: str, *, limit: int = 50, almost: bool = True, however_short: bool = False
    ) -> SearchAnswer:
        """The best hits for what was typed; an empty text finds nobody. Raises OperatorMistake for a payment card.

        `almost`: with few hits, below them those who are almost called so. `however_short`: nobody typed it; of what
        somebody did, less than head office allows is refused.
        """
        refuse_payment_card(text, "q", self._premises.customs)

        def unit(conn: Connection) -> SearchAnswer:
            if not however_short:
                refuse_short(conn, text)
            return search_answer(conn, self._premises, text, limit=limit, almost=almost)

        return await self._premises.database.read(unit, is_search=True)

    async def identify(self, claims: Sequence[tuple[Claim, str]]) -> Identification:
        """Who has one of these values, the first that anybody has; raises OperatorMistake for a payment card."""
        for _, value in claims:
            refuse_payment_card(value, "code", self._premises.customs)

        def unit(conn: Connection) -> Identification:
            return identify(conn, claims)

        return await self._premises.database.read(unit)

    async def copy(self) -> CopyAge:
        """The age of this copy and what waits for head office."""
        return await self._premises.database.read(lambda conn: _copy(conn, self._premises))


def refuse_short(conn: Connection, text: str) -> None:
    """Raise OperatorMistake for a search that is shorter than head office allows."""
    least: int = policy_book.value_of(SEARCH_LENGTH_MIN, customers.policy(conn, SEARCH_LENGTH_MIN))
    typed = sum(not sign.isspace() for sign in text)
    if 0 < typed < least:
        raise OperatorMistake(f"q: head office asks for at least {least} characters", field="q")


def search_answer(
    conn: Connection, premises: Premises, text: str, *, limit: int = 50, almost: bool = True
) -> SearchAnswer:
    """The best hits for what was typed, in the caller's transaction."""
    query = parse_query(text)
    limit = max(1, min(limit, LIMIT_MAX))
    size = max(limit, POOL_MIN)
    sought = Sought(conn, query.words)
    pool, is_whole = gather(conn, query, sought, size, shown=limit)
    meant, left_out = fill_up(conn, query, pool, size) if almost else (query, False)
    found = hits_of(query, _best(conn, query, pool, limit=limit, meant=meant))
    hits = _persons(conn, found)
    counted, more = (len(pool), False) if is_whole else how_many(conn, query, sought, len(pool))
    more = more or left_out
    total = max(counted, len(found)) - (len(found) - len(hits))
    return SearchAnswer(
        hits=hits, total=total, more_than=more, cut=more or total > len(hits), copy=_copy(conn, premises)
    )


def _copy(conn: Connection, premises: Premises) -> CopyAge:
    waiting, state = changes.waiting(conn), customers.copy_state(conn)
    return copy_age(
        proved_ms=state.proved_ms,
        indexed=state.indexed,
        waiting=waiting.records,
        since_ms=waiting.since_ms,
        now_ms=premises.clock.now_ms(),
        is_hub=premises.replica.identity.is_hub,
    )


def entity(text: str) -> EntityId:
    """An id as answers show it."""
    return EntityId(bytes.fromhex(text))


def load_customer(conn: Connection, id_: EntityId, now_ms: int = 0) -> Customer:
    """The customer as the API shows it, at a moment (0: consents as they were given); raises NotFound."""
    here, losers = elements.elements_of(conn, id_), elements.losers_of(conn, id_)
    whole = customers.whole_person(conn, id_) if here else None
    others = [elements.elements_of(conn, one) for one in whole.records if one != id_] if whole is not None else []
    cards = of_kind((one for record in (here, *others) for one in record), Kind.CARD)
    stamps = [newest_stamp(card) for card in cards] + [loser.stamp for loser in losers]
    found = customer_of(
        here,
        person=whole.records[0] if whole is not None else id_,
        merged=Merged(others=others, row=whole.row if whole is not None and whole.records[0] == id_ else None),
        losers=losers,
        authors=customers.authors(conn, stamps),
        names=operator_names(conn),
    )
    if found is None or found.deleted:
        raise NotFound("no customer has this id", field="id")
    return replace(found, consents=consents_at(found.consents, now_ms))


def operator_names(conn: Connection) -> dict[str, str]:
    """Operators' names by id, for authors of notes and consents."""
    named = {row.entity.hex(): row.fields.get(1) for row in operators.operators(conn)}
    return {id_: name for id_, name in named.items() if isinstance(name, str)}


def living_owners(conn: Connection, claim: Claim, value: str, *, all_of_them: bool = False) -> list[EntityId]:
    """Who has a value and was not deleted; `all_of_them`: also those to whom it was not awarded."""
    owners = customers.owners_of(conn, claim, value, all_of_them=all_of_them)
    rows = customers.rows(conn, owners)
    return [id_ for id_, row in zip(owners, rows, strict=True) if row is None or not is_deleted(row)]


def identify(conn: Connection, claims: Sequence[tuple[Claim, str]]) -> Identification:
    """Who has one of these values: the first value that somebody has decides."""
    for claim, value, owners in _owners(conn, claims):
        # Read once: what is shown says as well who was deleted.
        living = {
            id_: found for id_, found in zip(owners, customers.listed(conn, owners), strict=True) if _lives(found)
        }
        if living:
            persons = customers.persons(conn, living)
            if len(living) == 1:
                (found,) = living.values()
                merged = _is_merged(conn, persons[0])
                return _one(found, customers.listed_person(conn, persons[0]) if merged else found, claim, value)
            return identification_of([Candidate(customers.listed_person(conn, one), claim) for one in persons], value)
    return Identification(outcome="unknown")


_CODES = frozenset(CARD_CLAIMS)


def _owners(conn: Connection, claims: Sequence[tuple[Claim, str]]) -> Iterable[tuple[Claim, str, Sequence[EntityId]]]:
    """Who has each value.

    A code that is read may be a card, a customer's code, a member number: whoever has it as any of them is among those
    who are asked about, whatever was awarded.
    """
    read: dict[str, dict[EntityId, Claim]] = {}
    for claim, value in claims:
        if claim in _CODES:
            found = read.setdefault(value, {})
            for owner in customers.owners_of(conn, claim, value, all_of_them=True):
                found.setdefault(owner, claim)
    for value, owners in read.items():
        yield next(iter(owners.values()), Claim.CARD), value, list(owners)
    for claim, value in claims:
        if claim not in _CODES:
            yield claim, value, customers.owners_of(conn, claim, value)


def _is_merged(conn: Connection, entity: EntityId) -> bool:
    """Whether a customer was merged with somebody: nearly nobody was."""
    return bool(customers.shown_by(conn, [entity]))


def _lives(listed: Sequence[Element]) -> bool:
    """Whether a customer was not deleted."""
    row = row_of(listed)
    return row is None or not is_deleted(row)


def _one(owner: Sequence[Element], shown: Sequence[Element], claim: Claim, value: str) -> Identification:
    """One owner: its own card decides whether the scan is refused, the person that it is part of is shown."""
    found = identification_of([Candidate(owner, claim)], value)
    if found.outcome != "customer" or shown is owner:
        return found
    return identification_of([Candidate(shown)], value)


def claims_of(*, code: str = "", card: str = "", email: str = "", telephone: str = "") -> list[tuple[Claim, str]]:
    """The values of an identification by name of their field; raises OperatorMistake for one that cannot be read."""
    found: list[tuple[Claim, str]] = []
    if code.strip():
        found += [(claim, code) for claim in CARD_CLAIMS]
    if card.strip():
        found.append((Claim.CARD, card))
    if email.strip():
        found.append((Claim.EMAIL, mail_address.parse(email).typed))
    if telephone.strip():
        found.append((Claim.PHONE, phone.parse(telephone)))
    return found


def _best(conn: Connection, query: Query, pool: Pool, *, limit: int, meant: Query) -> list[Candidate]:
    """The best of a pool, in their order."""
    ways, rows = [how for how, _ in pool.values()], [row for _, row in pool.values()]
    orders = orders_of(query, rows, [how.nearness for how in ways])
    ordered = sorted((order, how.claim) for order, how in zip(orders, ways, strict=True))
    best = {EntityId(order[-1]): (claim, order[3]) for order, claim in ordered[:limit]}
    members = customers.members(conn, list(best))
    found: list[Candidate] = []
    for entity, (claim, nearness) in best.items():
        listed = [pool[entity][1], *members.get(entity, ())]
        found.append(Candidate(listed, claim, meant if nearness >= Nearness.SOUND else None))
    return found


def _persons(conn: Connection, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Each person once, by its best hit, shown by the record that shows the person."""
    shown_by = customers.shown_by(conn, [entity(hit.customer.id) for hit in hits])
    found: dict[EntityId, Hit] = {}
    for hit in hits:
        shown = shown_by.get(entity(hit.customer.id))
        if shown is None:
            found.setdefault(entity(hit.customer.id), hit)
        elif shown not in found:
            brief = brief_of(customers.listed_person(conn, shown))
            found[shown] = hit if brief is None else replace(hit, customer=brief)
    return tuple(found.values())
