"""Credit notes: issued from a return or by hand, to a customer or to whoever holds the paper; spent in parts by code.

What is left of one is a guarded book of an account of its own: the till that issued it holds the right to all of it.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from daemon.clock import random_id
from daemon.desk import benefits, instant
from daemon.desk.approvals import Capped, authorise
from daemon.desk.benefits import Movement
from daemon.desk.customer import is_walk_in, row_of
from daemon.desk.possession import Possession
from daemon.desk.premises import Call, Premises, write_once
from daemon.desk.purse_shown import NotePart
from daemon.domain import authoring
from daemon.domain import rights as rules
from daemon.domain.calendar import day_text
from daemon.domain.caps import Act
from daemon.domain.change import Operation
from daemon.domain.coupon import signs
from daemon.domain.credit_note import account_of_note, fact_of_return
from daemon.domain.element import Element
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import BOOK_CREDIT_NOTE, SHAPES, Kind
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.plain_line import plain_line
from daemon.domain.rights import BY_HAND, ISSUED
from daemon.domain.visit import VisitState
from daemon.errors import Conflicting, NotFound, NotProved, OperatorMistake
from daemon.store import authoring as store
from daemon.store import customers, elements, loyalty, proofs, rights, sales, terms, visits
from daemon.store.database import Connection
from daemon.store.moved import written_off
from daemon.store.replica import Replica, get_meta, put_meta

_SHAPE: Final = SHAPES[Kind.CREDIT_NOTE]
CODE: Final = _SHAPE.number("code")
ACCOUNT: Final = _SHAPE.number("account")
AMOUNT: Final = _SHAPE.number("amount")
ORIGIN: Final = _SHAPE.number("origin")
SALE: Final = _SHAPE.number("sale")
ISSUED_AT: Final = _SHAPE.number("issued_ms")
UNTIL: Final = _SHAPE.number("until_day")
ORIGIN_LENGTH_MAX: Final = 200
DAYS_MAX: Final = 3_650
SIGNS: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCreditNote:
    """A credit note to issue, in cents.

    `sale`: the return that it is for, whose amount bounds it; absent: by hand, with a reason, within the caller's cap.
    `customer` absent: to whoever holds the paper. `days`: good for so long; absent: for ever.
    """

    amount: int
    sale: str | None = None
    customer: str | None = None
    reason: str = ""
    days: int | None = None
    approval: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditNoteShown:
    """A credit note. `remainder` in the whole chain; `here`: what of it may be spent at this till now."""

    code: str
    amount: int
    remainder: int
    here: int
    origin: str
    sale: str
    issued_at: str
    until: str | None
    state: Literal["open", "used", "expired"]
    customer: str


class CreditNoteDesk:
    """Where credit notes are issued and found."""

    def __init__(self, premises: Premises, possession: Possession) -> None:
        self._premises = premises
        self._possession = possession

    async def issue(self, call: Call, given: NewCreditNote) -> CreditNoteShown:
        """Issue a credit note; one for each return, however often it is asked for.

        Raises NotFound, Conflicting, Forbidden beyond a cap, OperatorMistake.
        """
        if not 0 < given.amount <= AMOUNT_MAX or not 1 <= (given.days or 1) <= DAYS_MAX:
            raise OperatorMistake("amount: more than nothing, and good for 1 to 3650 days", field="amount")
        random = random_id()

        def unit(conn: Connection) -> CreditNoteShown:
            replica, now_ms = self._premises.replica, self._premises.clock.now_ms()
            fact, origin = self._fact(conn, call, given, random)
            account = account_of_note(fact)
            owner = self._owner(conn, given.customer) or account
            key = (owner, Kind.CREDIT_NOTE, fact)
            known = elements.element(conn, key)
            if known is None and rights.has_entries(conn, account, BOOK_CREDIT_NOTE):
                raise Conflicting("sale: a credit note was issued for this return already", field="sale")
            if known is None:
                operations = self._issuing(conn, owner, given, (fact, origin))
                store.commit(conn, replica, call.actor, operations, now_ms=now_ms)
                known = elements.element(conn, key)
            assert known is not None, "a note that was just issued is found"
            if known.fields.get(AMOUNT) != given.amount:
                raise Conflicting("sale: a credit note of another amount was issued for this return", field="sale")
            return self._shown(conn, known)

        return await write_once(self._premises, call, CreditNoteShown, unit, told=lambda _: None)

    async def find(self, code: str) -> CreditNoteShown:
        """A credit note by its code, as typed or scanned; raises NotFound."""
        return await self._premises.database.read(lambda conn: self._shown(conn, note_of(conn, code)))

    async def of_customer(self, customer: EntityId) -> tuple[CreditNoteShown, ...]:
        """The credit notes of a person, whatever record they stand on: open ones first, then the newest."""

        def unit(conn: Connection) -> tuple[CreditNoteShown, ...]:
            found = [
                self._shown(conn, one)
                for one in loyalty.owned(conn, customer)
                if one.kind == Kind.CREDIT_NOTE and one.is_here and isinstance(one.fields.get(ACCOUNT), bytes)
            ]
            newest = sorted(found, key=lambda one: one.issued_at, reverse=True)
            return tuple(sorted(newest, key=lambda one: one.state != "open"))

        return await self._premises.database.read(unit)

    async def chosen(self, customer: EntityId, visit: EntityId) -> dict[str, int]:
        """What a visit has chosen to spend of this customer's credit notes: cents by code."""

        def unit(conn: Connection) -> dict[str, int]:
            here = {one.fields.get(ACCOUNT): str(one.fields.get(CODE, "")) for one in loyalty.owned(conn, customer)}
            found = [one for one in rights.reservations(conn, visit) if one.book == BOOK_CREDIT_NOTE]
            return {here[one.account]: one.amount for one in found if one.account in here}

        return await self._premises.database.read(unit)

    async def ask(self, call: Call, code: str) -> CreditNoteShown:
        """Ask head office for the right to what is left of a note; it comes while the till is connected."""

        def unit(conn: Connection) -> CreditNoteShown:
            note, replica = note_of(conn, code), self._premises.replica
            account = note.fields[ACCOUNT]
            remainder = rights.balance(conn, account, BOOK_CREDIT_NOTE)
            operations = benefits.ask_for(conn, replica, account, BOOK_CREDIT_NOTE, remainder)
            if operations:
                store.commit(conn, replica, call.actor, operations, now_ms=self._premises.clock.now_ms())
            return self._shown(conn, note)

        return await write_once(self._premises, call, CreditNoteShown, unit, told=lambda _: None)

    async def choose(self, call: Call, visit: EntityId, given: NotePart) -> CreditNoteShown:
        """Choose so much of one note for a visit, in place of what it had chosen of it; of other notes it stays.

        Raises NotFound, Conflicting beyond what may be spent here now, NotProved beyond what the customer has proved.
        """
        if given.amount < 0:
            raise OperatorMistake("amount: nobody spends less than nothing", field="amount")

        def unit(conn: Connection) -> CreditNoteShown:
            note, known = note_of(conn, given.code), visits.load(conn, visit)
            shown = self._shown(conn, note)
            if known is None or known.state is not VisitState.OPEN:
                raise Conflicting("the visit is over: nothing can be chosen any more")
            if given.amount and shown.state == "expired":
                raise Conflicting("credit_notes: this credit note is not good any more", field="credit_notes")
            wanted = Movement(account=note.fields[ACCOUNT], book=BOOK_CREDIT_NOTE, amount=given.amount)
            before = proofs.chosen(conn, visit, known.customer)
            benefits.choose(conn, self._premises.replica, visit, wanted)
            self._possession.require(conn, call, known, before)
            return self._shown(conn, note)

        try:
            return await write_once(self._premises, call, CreditNoteShown, unit, told=lambda _: None)
        except NotProved as refusal:
            await self._possession.refused(call, visit, refusal)
            raise

    def _fact(self, conn: Connection, call: Call, given: NewCreditNote, random: bytes) -> tuple[bytes, str]:
        """What the note states: the return, or an act by hand that the caller may do."""
        if given.sale is None:
            reason = plain_line(given.reason, "reason", ORIGIN_LENGTH_MAX)
            if not reason:
                raise OperatorMistake("reason: say why, or name the return", field="reason")
            wanted = Capped(act=Act.CREDIT, amount=given.amount, approval=given.approval)
            authorise(conn, self._premises.replica, call, wanted, now_ms=self._premises.clock.now_ms())
            return random, reason
        sale = parse_entity(given.sale)
        head = sales.head(conn, sale) if sale is not None else None
        if sale is None or head is None:
            raise NotFound("sale: no sale has this id", field="sale")
        back = max(-head.total, 0) - written_off(conn, head)
        if given.amount > back:
            raise Conflicting(f"amount: {back} came back with this sale", field="amount")
        if head.kind == "sale":
            # Goods that came back without the sale that they were bought in: nothing that was sold bounds the amount.
            wanted = Capped(act=Act.CREDIT, amount=given.amount, approval=given.approval)
            authorise(conn, self._premises.replica, call, wanted, now_ms=self._premises.clock.now_ms())
        return fact_of_return(sale), head.ticket

    def _owner(self, conn: Connection, customer: str | None) -> EntityId | None:
        if customer is None:
            return None
        id_ = parse_entity(customer)
        row = row_of(elements.elements_of(conn, id_)) if id_ is not None else None
        if id_ is None or row is None:
            raise NotFound("customer: no customer has this id", field="customer")
        return None if is_walk_in(row) else id_

    def _issuing(
        self, conn: Connection, owner: bytes, given: NewCreditNote, stated: tuple[bytes, str]
    ) -> list[Operation]:
        (fact, origin), replica = stated, self._premises.replica
        account, now_ms = account_of_note(fact), self._premises.clock.now_ms() + replica.timeline.offset_ms
        day = terms.day_there(conn, replica.identity.shop, now_ms)
        fields: dict[int, Any] = {
            CODE: next_code(conn, replica, fact),
            ACCOUNT: account,
            AMOUNT: given.amount,
            ORIGIN: origin or None,
            SALE: bytes.fromhex(given.sale) if given.sale is not None else None,
            ISSUED_AT: now_ms,
            UNTIL: day + given.days - 1 if given.days is not None else None,
        }
        issued = authoring.add(Kind.CREDIT_NOTE, owner, fields, fact=fact)
        holder, book, amount = rights.holder_of(replica), BOOK_CREDIT_NOTE, given.amount
        if given.sale is None:
            return [issued, *rules.give(account, book, amount, holder=holder, fact=fact, cause=BY_HAND)]
        sale = bytes.fromhex(given.sale)
        # Two tills may issue for one return: the right to it is that of the till that took the goods back.
        mine = holder if sales.registered_at(conn, sale) == replica.identity.site else None
        return [issued, *rules.earn(account, book, amount, sale=sale, holder=mine, cause=ISSUED)]

    def _shown(self, conn: Connection, one: Element) -> CreditNoteShown:
        replica, account = self._premises.replica, one.fields[ACCOUNT]
        now_ms = self._premises.clock.now_ms() + replica.timeline.offset_ms
        remainder = rights.balance(conn, account, BOOK_CREDIT_NOTE)
        until = one.fields.get(UNTIL)
        over = isinstance(until, int) and terms.day_there(conn, replica.identity.shop, now_ms) > until
        issued, sale = one.fields.get(ISSUED_AT), one.fields.get(SALE)
        return CreditNoteShown(
            code=str(one.fields.get(CODE, "")),
            amount=int(one.fields.get(AMOUNT, 0)),
            remainder=remainder,
            here=0 if over else rights.purse(conn, replica, account, BOOK_CREDIT_NOTE).left,
            origin=str(one.fields.get(ORIGIN, "")),
            sale=sale.hex() if isinstance(sale, bytes) else "",
            issued_at=instant.shown(issued) if isinstance(issued, int) else "",
            until=day_text(until) if isinstance(until, int) else None,
            state="used" if remainder <= 0 else "expired" if over else "open",
            customer=one.entity.hex() if one.entity != account else "",
        )


def note_of(conn: Connection, code: str) -> Element:
    """The note of a code; raises NotFound."""
    sought = customers.sought_form(Claim.CREDIT_NOTE, code)
    row = conn.execute(
        "SELECT entity, kind, dot FROM lookup WHERE claim = ? AND value = ? ORDER BY entity LIMIT 1",
        (int(Claim.CREDIT_NOTE), sought),
    ).fetchone()
    found = elements.element(conn, row) if row is not None else None
    if found is None or not isinstance(found.fields.get(ACCOUNT), bytes):
        raise NotFound("code: no credit note has this code", field="code")
    return found


def next_code(conn: Connection, replica: Replica, fact: bytes) -> str:
    """A code that no other note has: `A`, three digits of the site or more, six of a count, four signs of the fact.

    A disk that was put back counts again: what it gives then differs by the fact. And who holds one note does not
    guess the next.
    """
    count = int(get_meta(conn, "credit_note_code", 0))
    tail = signs(fact, SIGNS)
    while True:
        count += 1
        code = f"A{replica.identity.site:03d}{count:06d}{tail}"
        if not customers.owners_of(conn, Claim.CREDIT_NOTE, code):
            put_meta(conn, "credit_note_code", count)
            return code
