"""Where customers prove that they are who spends, and choose their PIN.

A try is kept as begun before it is looked at, so that nothing, not even a power cut, gives a free one; a wrong one is
told to the whole chain. PINs are sealed under the chain's PIN key, which lies outside the database.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from daemon.clock import random_bytes
from daemon.desk import instant
from daemon.desk.approvals import Capped, authorise
from daemon.desk.customer import display_name, is_walk_in
from daemon.desk.customer_parts import CARD_NUMBER, number, text_of
from daemon.desk.events import CustomerChanged, Event
from daemon.desk.possession import PIN, PinState, Possession, pin_of, proof_of, tell
from daemon.desk.premises import Call, Premises
from daemon.desk.proof_shown import (
    CustomerProof,
    LimitShown,
    NewPin,
    Refusals,
    RefusedCustomer,
    TillRefusals,
    TypedPin,
    VisitProof,
)
from daemon.domain import authoring, pin, pin_tries
from daemon.domain.caps import Act
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.kinds import Kind
from daemon.domain.leaving import is_deleted
from daemon.domain.pin_tries import Tries
from daemon.domain.proof import SPAN_MS, Proof, ProofPolicy, Worth, reaches
from daemon.domain.visit import Visit, VisitState
from daemon.errors import Conflicting, Forbidden, NotFound, OperatorMistake, TooSoon
from daemon.store import authoring as store
from daemon.store import customers, elements, proofs, rights, visits
from daemon.store.database import Connection

REFUSALS_MAX: Final = 200
WITH_CARD, WITHOUT_CARD = 1, 2
"""Amounts of `Act.NEW_PIN`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Begun:
    """A try that is about to be looked at: whose, against what; or why it is not looked at."""

    customer: EntityId
    sealed: str
    state: PinState
    wait_ms: int = 0


class ProofDesk:
    """Where proof is given, PINs are set, and refusals are listed."""

    def __init__(self, premises: Premises, possession: Possession) -> None:
        self._premises = premises
        self.possession = possession
        self._one_at_a_time = asyncio.Lock()

    # ---- shown -------------------------------------------------------------------------------------------------------

    async def of_customer(self, customer: EntityId) -> CustomerProof:
        """A customer's PIN and what was refused about them; raises NotFound."""
        return await self._premises.database.read(lambda conn: self._customer(conn, customer))

    async def of_visit(self, visit: EntityId) -> VisitProof:
        """What the customer of a visit has shown, and how far it goes; raises NotFound."""
        return await self._premises.database.read(lambda conn: self._visit(conn, _load(conn, visit)))

    async def refusals(self, limit: int = 50, after: str = "") -> Refusals:
        """The customers about whom something was refused anywhere in the chain, the latest first, behind `after`."""
        count, place = max(1, min(limit, REFUSALS_MAX)), _place(after)

        def unit(conn: Connection) -> Refusals:
            latest = proofs.told_latest(conn, place, count + 1)
            found = [self._refused(conn, EntityId(whom), told) for (_, whom), told in latest[:count]]
            more = len(latest) > count
            return Refusals(
                customers=tuple(one for one in found if one is not None),
                complete=not more,
                next="-".join((latest[count - 1][0][0], latest[count - 1][0][1].hex())) if more else "",
            )

        return await self._premises.database.read(unit)

    # ---- proved ------------------------------------------------------------------------------------------------------

    async def prove(self, call: Call, visit: EntityId, given: TypedPin) -> VisitProof:
        """Hold what the customer of a visit typed against their PIN; a wrong one counts in the whole chain.

        Raises NotFound, Conflicting where there is nothing to hold it against, TooSoon, Forbidden.
        """
        if len(given.pin) > pin.PIN_DIGITS_MAX:
            raise OperatorMistake("pin: a PIN has 4 to 12 digits", field="pin")
        async with self._one_at_a_time:  # tries side by side would all see the same count
            begun = await self._premises.database.write(lambda conn: self._begin(conn, call, visit))
            _refuse(begun)
            key = self.possession.pin_key
            is_right = await asyncio.to_thread(pin.verify, given.pin, begun.sealed, pin_key=key)
            if is_right:
                return await self._premises.database.write(lambda conn: self._right(conn, call, visit, begun))
            tries = await self._premises.database.write(lambda conn: self._wrong(conn, call, begun))
        if tries.is_closed:
            raise Forbidden("pin: too many wrong tries: this PIN is closed until a new one is set", field="pin")
        raise Forbidden(f"pin: this is not the customer's PIN, {tries.left} tries are left", field="pin")

    def _begin(self, conn: Connection, call: Call, id_: EntityId) -> _Begun:
        visit, now_ms = _open(conn, id_), self.possession.now_ms()
        standing = pin_of(conn, visit.customer, self.possession.pin_key)
        if standing.row is None:
            return _Begun(customer=visit.customer, sealed="", state="none")
        whom = EntityId(standing.row.entity)
        lost_ms = proofs.end(conn, whom)
        if lost_ms is not None:  # the process died over it: nobody knows that it was right
            self._say_wrong(conn, call, whom, lost_ms)
            standing = pin_of(conn, visit.customer, self.possession.pin_key)
        if standing.state != "set":
            tell(conn, self._premises.replica, call, whom, f"refused: PIN {standing.state}", now_ms=self._local_ms())
            return _Begun(customer=whom, sealed="", state=standing.state)
        wait_ms = standing.tries.wait_ms(now_ms)
        if wait_ms == 0:
            proofs.begin(conn, whom, now_ms)
        return _Begun(customer=whom, sealed=standing.sealed, state="set", wait_ms=wait_ms)

    def _right(self, conn: Connection, call: Call, id_: EntityId, begun: _Begun) -> VisitProof:
        """The PIN was right: what was wrong before is forgiven, and told to the customer."""
        visit, replica, whom = _open(conn, id_), self._premises.replica, begun.customer
        proofs.end(conn, whom)
        if whom not in customers.records_of(conn, visit.customer):
            raise Conflicting("visit: somebody else is being served by now", field="visit")
        known = proofs.tries(conn, customers.records_of(conn, whom))
        self._commit(conn, call, self._forgiving(conn, whom, known))
        proofs.keep(conn, visit.id, visit.customer, Proof.PIN)
        tell(conn, replica, call, whom, "PIN of a customer proved", now_ms=self._local_ms())
        return replace(self._visit(conn, visit), wrong_before=known.open)

    def _wrong(self, conn: Connection, call: Call, begun: _Begun) -> Tries:
        proofs.end(conn, begun.customer)
        self._say_wrong(conn, call, begun.customer, self.possession.now_ms())
        return proofs.tries(conn, customers.records_of(conn, begun.customer))

    def _say_wrong(self, conn: Connection, call: Call, customer: EntityId, at_ms: int) -> None:
        replica = self._premises.replica
        tell(conn, replica, call, customer, "refused: wrong PIN of a customer", now_ms=self._local_ms())
        own, holder = proofs.own(conn, replica, customer), rights.holder_of(replica)
        self._commit(conn, call, pin_tries.wrong(own, customer, holder, now_ms=at_ms))

    def _forgiving(self, conn: Connection, customer: EntityId, known: Tries) -> list[Operation]:
        replica = self._premises.replica
        return pin_tries.forgive(proofs.own(conn, replica, customer), customer, rights.holder_of(replica), known)

    # ---- set ---------------------------------------------------------------------------------------------------------

    async def set_pin(self, call: Call, customer: EntityId, given: NewPin) -> CustomerProof:
        """Set a customer's PIN, or set it anew; what was wrong before is forgiven, and no visit has proved it yet.

        Who has just proved the present PIN does it alone; with a card at hand the caller's role confirms it, without
        one it takes a role that may. Raises NotFound, Conflicting, Forbidden, OperatorMistake.
        """
        typed = await self._premises.database.read(lambda conn: self._checked(conn, customer, given.pin))
        salt, key = random_bytes(pin.SALT_BYTES), self.possession.pin_key
        sealed = await asyncio.to_thread(pin.seal, typed, pin_key=key, salt=salt)

        def unit(conn: Connection) -> CustomerProof:
            row = _row(conn, customer)
            self._may_set(conn, call, row, given)
            standing = pin_of(conn, customer, key)
            whom = standing.row or row
            records = customers.records_of(conn, customer)
            operations = [authoring.change(whom, {PIN: sealed})]
            operations += self._forgiving(conn, EntityId(whom.entity), standing.tries)
            proofs.end(conn, EntityId(whom.entity))
            proofs.forget_pin(conn, records)
            self._commit(conn, call, operations)
            what = "PIN of a customer set anew" if standing.sealed else "PIN of a customer set"
            tell(conn, self._premises.replica, call, whom.entity, what, now_ms=self._local_ms())
            return self._customer(conn, customer)

        done = await self._premises.database.write(unit)
        self._premises.announce(Event.CUSTOMER, CustomerChanged(id=customer.hex()))
        return done

    def _checked(self, conn: Connection, customer: EntityId, typed: str) -> str:
        _row(conn, customer)
        records = customers.records_of(conn, customer)
        return pin.check_chosen(typed, guessable([one for each in records for one in elements.elements_of(conn, each)]))

    def _may_set(self, conn: Connection, call: Call, row: Element, given: NewPin) -> None:
        """Whether a PIN may be set by this call; raises Forbidden, NotFound, Conflicting."""
        shown: frozenset[Proof] = frozenset()
        if given.visit is not None:
            id_ = parse_entity(given.visit)
            visit = _open(conn, id_) if id_ is not None else None
            if visit is None or visit.customer not in customers.records_of(conn, EntityId(row.entity)):
                raise Conflicting("visit: this visit serves somebody else", field="visit")
            shown = proofs.proofs(conn, visit.id, visit.customer)
        if Proof.PIN in shown:
            return
        amount = WITH_CARD if Proof.CARD in shown else WITHOUT_CARD
        capped = Capped(act=Act.NEW_PIN, amount=amount, approval=given.approval)
        authorise(conn, self._premises.replica, call, capped, now_ms=self._local_ms())

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _commit(self, conn: Connection, call: Call, operations: Sequence[Operation]) -> None:
        if operations:
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=self._local_ms())

    def _local_ms(self) -> int:
        return self._premises.clock.now_ms()

    def _customer(self, conn: Connection, customer: EntityId) -> CustomerProof:
        _row(conn, customer)
        standing = pin_of(conn, customer, self.possession.pin_key)
        told = proofs.told(conn, customers.records_of(conn, customer))
        return CustomerProof(
            customer=customer.hex(),
            pin=standing.state,
            wrong=standing.tries.open,
            tries_left=standing.tries.left,
            wait_s=_wait_s(standing.tries, self.possession.now_ms()),
            tills=tuple(_of_till(one) for one in sorted(told, key=lambda one: (-_last_ms(one), one.dot))),
        )

    def _visit(self, conn: Connection, visit: Visit) -> VisitProof:
        policy, proof = proofs.policy(conn), proof_of(conn, visit)
        spent = proofs.spent(conn, visit.id, visit.customer, self.possession.now_ms() - SPAN_MS)
        standing = pin_of(conn, visit.customer, self.possession.pin_key)
        return VisitProof(
            visit=visit.id.hex(),
            customer=visit.customer.hex(),
            proof=proof,
            card=Proof.CARD in proofs.proofs(conn, visit.id, visit.customer),
            limits=tuple(_limit(policy, proof, worth, spent.get(worth, 0)) for worth in Worth),
            pin=standing.state,
            tries_left=standing.tries.left,
            wait_s=_wait_s(standing.tries, self.possession.now_ms()),
        )

    def _refused(self, conn: Connection, whom: EntityId, told: Sequence[Element]) -> RefusedCustomer | None:
        row = elements.element(conn, (whom, Kind.CUSTOMER, b""))
        if row is None:
            return None
        standing = pin_of(conn, whom, self.possession.pin_key)
        return RefusedCustomer(
            customer=whom.hex(),
            display_name=display_name(row),
            pin=standing.state,
            wrong=standing.tries.open,
            refused=sum(_of_till(one).refused for one in told),
            last_at=instant.shown(max(map(_last_ms, told))),
            tills=tuple(sorted({one.base[1] for one in told})),
        )


def _place(after: str) -> proofs.Place:
    """Where a page goes on; raises OperatorMistake for what no page has named."""
    at, _, whom = after.partition("-")
    entity = parse_entity(whom)
    if not after:
        return proofs.LATEST
    if entity is None or len(at) != 16 or not all(sign in "0123456789abcdef" for sign in at):
        raise OperatorMistake("after: this is what no page of refusals has named as its next", field="after")
    return at, entity


def guessable(here: Sequence[Element]) -> frozenset[str]:
    """The PINs that whoever has the record or the card before them tries first. Pure."""
    found: set[str] = set()
    for one in here:
        if one.kind == Kind.CUSTOMER:
            born = one.fields.get(number("birthday"))
            if isinstance(born, tuple) and len(born) == 3:
                found |= _of_birthday(*born)
            found |= {_end(one.fields.get(number(name))) for name in ("mobile", "phone", "code", "member_number")}
            address = one.fields.get(number("address"))
            found |= {text_of(part) for part in address} if isinstance(address, tuple) else set()
        elif one.kind == Kind.CARD:
            found.add(_end(one.fields.get(CARD_NUMBER)))
    return frozenset(found - {""})


def _of_birthday(year: object, month: object, day: object) -> set[str]:
    found = set[str]()
    if isinstance(month, int) and isinstance(day, int):
        found |= {f"{day:02d}{month:02d}", f"{month:02d}{day:02d}"}
        if isinstance(year, int):
            found |= {f"{year:04d}", f"{day:02d}{month:02d}{year % 100:02d}", f"{day:02d}{month:02d}{year:04d}"}
    return found


def _end(value: object) -> str:
    """The last four digits of a number."""
    return "".join(sign for sign in text_of(value) if sign.isdecimal())[-4:]


def _refuse(begun: _Begun) -> None:
    """Raise for a try that is not looked at."""
    if begun.state == "none":
        raise Conflicting("pin: this customer has no PIN yet: set one", field="pin")
    if begun.state == "other_key":
        raise Conflicting("pin: this PIN was sealed under another key of the chain: set a new one", field="pin")
    if begun.state == "closed":
        raise Forbidden("pin: too many wrong tries: this PIN is closed until a new one is set", field="pin")
    if begun.wait_ms:
        seconds = -(-begun.wait_ms // 1000)
        raise TooSoon(f"too many wrong PINs: the next try is in {seconds} s", wait_ms=begun.wait_ms)


def _limit(policy: ProofPolicy, proof: Proof, worth: Worth, spent: int) -> LimitShown:
    most = policy.most(proof, worth)
    more = (
        one
        for one in Proof
        if not reaches(proof, one) and most is not None and ((then := policy.most(one, worth)) is None or then > most)
    )
    left = None if most is None else max(most - spent, 0)
    return LimitShown(what=worth, most=most, spent=spent, left=left, next=next(more, None))


def _load(conn: Connection, id_: EntityId) -> Visit:
    found = visits.load(conn, id_)
    if found is None:
        raise NotFound("no visit has this id", field="id")
    return found


def _open(conn: Connection, id_: EntityId) -> Visit:
    """An open visit of somebody; raises NotFound, Conflicting."""
    visit = _load(conn, id_)
    if visit.state is not VisitState.OPEN or visit.is_walk_in:
        raise Conflicting("visit: nobody is served there who could prove anything", field="visit")
    return visit


def _row(conn: Connection, customer: EntityId) -> Element:
    """Somebody who may have a PIN; raises NotFound, Conflicting."""
    row = elements.element(conn, (customer, Kind.CUSTOMER, b""))
    if row is None or is_deleted(row):
        raise NotFound("customer: no customer has this id", field="customer")
    if is_walk_in(row):
        raise Conflicting("customer: nobody in particular has no PIN", field="customer")
    return row


def _wait_s(tries: Tries, now_ms: int) -> int:
    return 0 if tries.is_closed else -(-tries.wait_ms(now_ms) // 1000)


def _last_ms(one: Element) -> int:
    return max(_number(one, pin_tries.LAST), _number(one, pin_tries.REFUSED_AT))


def _of_till(one: Element) -> TillRefusals:
    return TillRefusals(
        till=one.base[1],
        wrong=_number(one, pin_tries.WRONG),
        last_wrong_at=instant.shown(_number(one, pin_tries.LAST)) or None,
        refused=_number(one, pin_tries.REFUSED),
        last_refused_at=instant.shown(_number(one, pin_tries.REFUSED_AT)) or None,
    )


def _number(one: Element, at: int) -> int:
    value = one.fields.get(at)
    return value if type(value) is int else 0
