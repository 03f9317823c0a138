"""What the customer of a visit has shown of themselves, and whether it goes as far as what is to be spent.

The functions are parts of the caller's transaction; only `Possession.refused` has its own, because what was refused was
rolled back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from daemon.desk.approvals import Capped, authorise
from daemon.desk.customer_parts import number, text_of
from daemon.desk.premises import Call, Premises
from daemon.desk.sale_party import Selling
from daemon.desk.sightings import Sightings
from daemon.domain import pin, pin_tries
from daemon.domain.caps import Act
from daemon.domain.change import Operation
from daemon.domain.element import Element, tombstone_key
from daemon.domain.ids import EntityId
from daemon.domain.pin_tries import Tries
from daemon.domain.proof import SPAN_MS, Asked, Proof, Worth, asked_for, stronger
from daemon.domain.visit import Visit
from daemon.errors import Forbidden, NotProved
from daemon.store import audit, customers, proofs, rights, visits
from daemon.store import authoring as store
from daemon.store.database import Connection
from daemon.store.replica import Replica

PinState = Literal["none", "set", "closed", "other_key"]
PIN: Final = number("pin")


@dataclass(frozen=True, kw_only=True, slots=True)
class PinStanding:
    """A person's PIN: in whose row it stands (None: there is none), how it is sealed, the tries at it."""

    row: Element | None
    sealed: str
    tries: Tries
    state: PinState


def pin_of(conn: Connection, customer: EntityId, pin_key: bytes) -> PinStanding:
    """The PIN of a person: of the records that were merged, the one that was set last."""
    records = customers.records_of(conn, customer)
    rows = [row for row in customers.rows(conn, records) if row is not None and text_of(row.fields.get(PIN))]
    row = max(rows, key=lambda one: (one.stamp(PIN), one.entity), default=None)
    sealed = text_of(row.fields.get(PIN)) if row is not None else ""
    tries = proofs.tries(conn, records)
    state: PinState = "set" if sealed else "none"
    if sealed and pin.is_foreign(sealed, pin_key=pin_key):
        state = "other_key"
    elif sealed and tries.is_closed:
        state = "closed"
    return PinStanding(row=row, sealed=sealed, tries=tries, state=state)


def proof_of(conn: Connection, visit: Visit) -> Proof:
    """The strongest proof that the customer of a visit has given there."""
    found = Proof.NAME
    for one in proofs.proofs(conn, visit.id, visit.customer):
        found = stronger(found, one)
    return found


def tell(conn: Connection, replica: Replica, call: Call, customer: bytes, what: str, *, now_ms: int) -> None:
    """Note in the audit trail what was refused, or done, about a customer: by the hash of the id."""
    audit.note(conn, replica, call.actor, what, now_ms=now_ms, of=(tombstone_key(customer)[0], None))


class Possession:
    """Takes part in sales: a card that was read goes with the visit, and what is spent is held against the limits."""

    def __init__(self, premises: Premises, sightings: Sightings, *, pin_key: bytes) -> None:
        self._premises = premises
        self.sightings = sightings
        self.pin_key = pin_key

    def now_ms(self) -> int:
        """The time, as head office has corrected it."""
        return self._premises.clock.now_ms() + self._premises.replica.timeline.offset_ms

    # ---- of a visit --------------------------------------------------------------------------------------------------

    def opened(self, conn: Connection, visit: Visit) -> None:
        """Nobody in particular has nothing to prove."""

    def attached(self, conn: Connection, visit: Visit) -> Sequence[Operation]:
        """A card that was read a moment ago was shown for this visit."""
        proofs.forget(conn, visit.id)
        if not visit.is_walk_in and self.sightings.take(customers.records_of(conn, visit.customer), self.now_ms()):
            proofs.keep(conn, visit.id, visit.customer, Proof.CARD)
        return []

    def applies(self, conn: Connection, selling: Selling) -> Any:
        """Prices do not depend on who proves what."""

    def posting(self, conn: Connection, selling: Selling) -> Sequence[Operation]:
        """The visit is over; a card that was read during it begins no other."""
        if selling.visit is not None:
            self._end(conn, selling.visit, selling.customer)
        return []

    def settled(self, conn: Connection, selling: Selling) -> Sequence[Operation]:
        """The visit is over all the same."""
        return self.posting(conn, selling)

    def cancelled(self, conn: Connection, visit: Visit) -> Sequence[Operation]:
        """The visit is over, or serves somebody else."""
        proofs.forget(conn, visit.id)
        return []

    def _end(self, conn: Connection, visit: bytes, customer: EntityId | None) -> None:
        proofs.forget(conn, visit)
        if customer is not None:
            self.sightings.take(customers.records_of(conn, customer), self.now_ms())

    def read(self, conn: Connection, customer: EntityId) -> bool:
        """A card was read: it goes with the open visit of its customer. False: there is none, it waits for one."""
        persons = frozenset(customers.records_of(conn, customer))
        found = [visit for visit in visits.open_ones(conn) if visit.customer in persons and not visit.is_walk_in]
        for visit in found:
            proofs.keep(conn, visit.id, visit.customer, Proof.CARD)
        return bool(found)

    # ---- of what is spent --------------------------------------------------------------------------------------------

    def require(
        self, conn: Connection, call: Call, visit: Visit, before: Mapping[Worth, int], approval: str = ""
    ) -> None:
        """Let a choice stand that the proof at hand goes for; `before`: what had been chosen, which is not asked again.

        Raises NotProved, Forbidden where a second person is asked and has not said so much.
        """
        chosen = proofs.chosen(conn, visit.id, visit.customer)
        wanted = {worth: amount for worth, amount in chosen.items() if amount > before.get(worth, 0)}
        policy, proof = proofs.policy(conn), proof_of(conn, visit)
        if not any(policy.most(proof, worth) is not None for worth in wanted):
            return
        spent = proofs.spent(conn, visit.id, visit.customer, self.now_ms() - SPAN_MS)
        missing = asked_for(policy, proof, spent, wanted)
        if missing is None:
            return
        if policy.beyond == "refuse":
            raise self._not_proved(conn, visit, missing)
        capped = Capped(act=Act.UNPROVED, amount=max(wanted.values()), approval=approval)
        try:
            authorise(conn, self._premises.replica, call, capped, now_ms=self._premises.clock.now_ms())
        except Forbidden:
            if approval:
                raise
            raise self._not_proved(conn, visit, missing) from None

    def _not_proved(self, conn: Connection, visit: Visit, missing: Asked) -> NotProved:
        most, worth = missing.most, missing.worth.value
        if missing.proof is None:
            return NotProved(
                f"proof: at most {most} of {worth} go in 24 hours, whatever is shown", asked="", worth=worth, most=most
            )
        if missing.proof is Proof.CARD:
            return NotProved(
                f"proof: at most {most} of {worth} go in 24 hours without a card: read one of the customer's",
                asked="card", worth=worth, most=most,
            )  # fmt: skip
        if pin_of(conn, visit.customer, self.pin_key).state == "set":
            return NotProved(
                f"proof: at most {most} of {worth} go in 24 hours without the PIN: have the customer type it",
                asked="pin", worth=worth, most=most,
            )  # fmt: skip
        return NotProved(
            f"proof: at most {most} of {worth} go in 24 hours without a PIN, and there is none: set one",
            asked="new_pin", worth=worth, most=most,
        )  # fmt: skip

    async def refused(self, call: Call, visit: EntityId, refusal: NotProved) -> None:
        """Keep that somebody wanted more than they had proved: in the trail of this till, and for the whole chain."""
        now_ms, replica = self.now_ms(), self._premises.replica

        def unit(conn: Connection) -> None:
            found = visits.load(conn, visit)
            if found is None:
                return
            what = f"refused: spending, {refusal.asked or 'nothing'} would do"
            tell(conn, replica, call, found.customer, what, now_ms=self._premises.clock.now_ms())
            if found.is_walk_in:
                return  # of somebody else's credit note
            own, holder = proofs.own(conn, replica, found.customer), rights.holder_of(replica)
            operations = pin_tries.refused(own, found.customer, holder, now_ms=now_ms)
            if operations:
                store.commit(conn, replica, call.actor, operations, now_ms=self._premises.clock.now_ms())

        await self._premises.database.write(unit)
