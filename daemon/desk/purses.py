"""What a customer has, and what of it may be spent here and now: shown, chosen on a visit, corrected, asked for."""

from collections.abc import Sequence
from typing import Final

from daemon.clock import random_id
from daemon.desk import benefits, coupons
from daemon.desk.approvals import Capped, authorise
from daemon.desk.benefits import Movement
from daemon.desk.credit_notes import ACCOUNT as NOTE_ACCOUNT
from daemon.desk.credit_notes import UNTIL as NOTE_UNTIL
from daemon.desk.credit_notes import note_of
from daemon.desk.customer import is_walk_in, row_of
from daemon.desk.on_account import may_buy
from daemon.desk.possession import Possession
from daemon.desk.premises import Call, Premises, write_once
from daemon.desk.promo_codes import ACCOUNT as PROMO_ACCOUNT
from daemon.desk.promo_codes import promo_of, refuse_unless_in_force
from daemon.desk.purse_shown import (
    Adjustment,
    Chosen,
    EntriesShown,
    LoyaltyShown,
    NotePart,
    PurseShown,
    Spending,
    Wanted,
    Why,
    entry_of,
)
from daemon.domain import escrow, expiry
from daemon.domain import rights as rules
from daemon.domain.account import account_of
from daemon.domain.caps import Act
from daemon.domain.change import Operation
from daemon.domain.coupon import ACCOUNT as COUPON_ACCOUNT
from daemon.domain.coupon import is_coupon
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, BOOK_CREDIT_NOTE, BOOK_LIMIT, BOOK_POINTS, BOOK_QUOTA
from daemon.domain.leaving import is_deleted
from daemon.domain.ledger import AMOUNT_MAX, BOOK
from daemon.domain.loyalty import Beyond
from daemon.domain.plain_line import plain_line
from daemon.domain.policy import text_of
from daemon.domain.remark import remark, texts
from daemon.domain.rights import BY_HAND, Purse, debt_book, due_book
from daemon.domain.visit import Visit, VisitState
from daemon.errors import Conflicting, NotFound, NotProved, OperatorMistake
from daemon.store import authoring as store
from daemon.store import customers, elements, loyalty, proofs, rights, terms, visits
from daemon.store.database import Connection
from daemon.store.replica import fenced_ms, is_filling
from daemon.store.rights import Reserved

REASON_LENGTH_MAX: Final = 200
ENTRIES_MAX: Final = 200
DAY_MS: Final = 86_400_000
BOOK_NAMES: Final = {"points": BOOK_POINTS}


class PurseDesk:
    """Where balances are shown, chosen from and corrected."""

    def __init__(self, premises: Premises, possession: Possession) -> None:
        self._premises = premises
        self._possession = possession

    async def show(self, customer: EntityId) -> LoyaltyShown:
        """What a customer has; raises NotFound."""
        return await self._premises.database.read(lambda conn: self._shown(conn, customer))

    async def entries(self, customer: EntityId, after: str = "") -> EntriesShown:
        """How the balance of points came about, page by page (`after`: the last id of the page before).

        Raises NotFound, OperatorMistake.
        """

        def unit(conn: Connection) -> EntriesShown:
            _here(conn, customer)
            accounts = loyalty.accounts_of(conn, customer)
            found = [one for account in accounts for one in loyalty.entries(conn, account)]
            points = [one for one in found if one.fields.get(BOOK) == BOOK_POINTS]
            ordered = sorted(points, key=lambda one: (one.base, one.dot), reverse=True)
            begin = next((at + 1 for at, one in enumerate(ordered) if one.dot.hex() == after), 0)
            if after and not begin:
                raise OperatorMistake("after: this is no entry of this customer", field="after")
            newest = ordered[begin : begin + ENTRIES_MAX]
            authors = customers.authors(conn, [one.base for one in newest])
            said = texts(loyalty.owned(conn, customer))
            return EntriesShown(
                balance=sum(rights.balance(conn, account, BOOK_POINTS) for account in accounts),
                entries=tuple(entry_of(one, authors.get(one.base, ""), said.get(one.dot, "")) for one in newest),
                complete=len(ordered) <= begin + ENTRIES_MAX,
            )

        return await self._premises.database.read(unit)

    async def adjust(self, call: Call, customer: EntityId, given: Adjustment) -> LoyaltyShown:
        """Give or take points by hand; raises NotFound, Forbidden beyond a cap, Conflicting, OperatorMistake."""
        reason = plain_line(given.reason, "reason", REASON_LENGTH_MAX)
        if not reason:
            raise OperatorMistake("reason: say why", field="reason")
        if not 0 < abs(given.amount) <= AMOUNT_MAX:
            raise OperatorMistake("amount: more or less than nothing, within bounds", field="amount")
        now_ms, fact = self._premises.clock.now_ms(), random_id()

        def unit(conn: Connection) -> LoyaltyShown:
            _served(conn, customer)
            wanted = Capped(act=Act.POINTS, amount=given.amount, approval=given.approval)
            authorise(conn, self._premises.replica, call, wanted, now_ms=now_ms)
            operations = self._by_hand(conn, customer, given.amount, fact)
            operations += remark(customer, fact, reason)
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return self._shown(conn, customer)

        return await write_once(self._premises, call, LoyaltyShown, unit, told=lambda _: None)

    def _by_hand(self, conn: Connection, customer: EntityId, amount: int, fact: bytes) -> list[Operation]:
        replica, account = self._premises.replica, loyalty.accounts_of(conn, customer)[0]
        if replica.identity.is_hub:
            standing = rights.standing(conn, account, BOOK_POINTS)
            done = escrow.correct(standing, amount, cause=BY_HAND, fact=fact)
            if not done or (amount < 0 and not rights.may_grant(conn, replica.boot)):
                raise Conflicting(
                    f"amount: {max(standing.free, 0)} can be taken, tills hold the rest: take it there", field="amount"
                )
            return done
        holder = rights.holder_of(replica)
        if amount > 0:
            return rules.give(account, BOOK_POINTS, amount, holder=holder, fact=fact, cause=BY_HAND)
        purse = rights.purse(conn, replica, account, BOOK_POINTS)
        done = rules.spend(purse, -amount, holder=holder, cause=BY_HAND, fact=fact)
        if not done:
            raise Conflicting(f"amount: {purse.left} can be taken here, of {purse.balance}", field="amount")
        return done

    async def ask(self, call: Call, customer: EntityId, given: Wanted) -> LoyaltyShown:
        """Ask head office for what a basket may need here; it comes while the till is connected. Raises NotFound."""
        now_ms = self._premises.clock.now_ms()

        def unit(conn: Connection) -> LoyaltyShown:
            _served(conn, customer)
            operations = self.asking(conn, customer, loyalty.owned(conn, customer), given)
            if operations:
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return self._shown(conn, customer)

        return await write_once(self._premises, call, LoyaltyShown, unit, told=lambda _: None)

    def asking(self, conn: Connection, customer: EntityId, here: Sequence[Element], given: Wanted) -> list[Operation]:
        """What asks for rights; nothing where this till holds them."""
        replica, left = self._premises.replica, given.points
        found: list[Operation] = []
        for account in loyalty.accounts_of(conn, customer) if left > 0 else ():
            part = min(left, rights.balance(conn, account, BOOK_POINTS))
            found += benefits.ask_for(conn, replica, account, BOOK_POINTS, part) if part > 0 else []
            left -= part
        for wanted in given.coupons:
            coupon = coupons.coupon_of(here, wanted)
            whose = coupon.fields.get(COUPON_ACCOUNT) if coupon is not None else None
            found += benefits.ask_for(conn, replica, whose, BOOK_COUPON, 1) if isinstance(whose, bytes) else []
        return found

    async def chosen(self, visit: EntityId) -> Chosen:
        """What a visit has chosen; raises NotFound."""

        def unit(conn: Connection) -> Chosen:
            return self._chosen(conn, _visit(conn, visit))

        return await self._premises.database.read(unit)

    async def choose(self, call: Call, id_: EntityId, given: Spending, *, of: frozenset[int] = rules.GUARDED) -> Chosen:
        """Choose anew what the customer of a visit spends, all of it or nothing.

        `of`: the books that are chosen from; what was chosen of others stays. Raises NotFound, Conflicting beyond what
        may be spent here, NotProved beyond what the customer has proved, Forbidden beyond a cap, OperatorMistake.
        """
        if min(given.points, given.on_account, *(part.amount for part in given.credit_notes), 0) < 0:
            raise OperatorMistake("points: nobody spends less than nothing", field="points")

        def unit(conn: Connection) -> Chosen:
            visit = _visit(conn, id_)
            if visit.state is not VisitState.OPEN:
                raise Conflicting(f"the visit is {visit.state.value}: nothing can be chosen any more")
            before = proofs.chosen(conn, visit.id, visit.customer)
            rights.release(conn, visit.id, of)
            self._choose_notes(conn, visit, given.credit_notes)
            self._choose_promo_codes(conn, visit, given.promo_codes)
            if given.points or given.coupons or given.on_account:
                here = _served(conn, visit.customer)
                self._choose_on_account(conn, visit, row_of(here), given.on_account)
                self._choose_points(conn, call, visit, given)
                self._choose_coupons(conn, visit, loyalty.owned(conn, visit.customer), given.coupons)
            self._possession.require(conn, call, visit, before, given.approval)
            return self._chosen(conn, visit)

        try:
            return await write_once(self._premises, call, Chosen, unit, told=lambda _: None)
        except NotProved as refusal:
            await self._possession.refused(call, id_, refusal)
            raise

    def _choose_points(self, conn: Connection, call: Call, visit: Visit, given: Spending) -> None:
        """Points of all accounts of the person, the shown one's first; beyond the rights, as the policy says."""
        replica, left = self._premises.replica, given.points
        purses = [
            rights.purse(conn, replica, account, BOOK_POINTS, visit=visit.id)
            for account in loyalty.accounts_of(conn, visit.customer)
        ]
        for purse in purses:
            part = min(left, purse.left)
            left -= part
            if part:
                wanted = Movement(account=purse.account, book=BOOK_POINTS, amount=part)
                benefits.choose(conn, replica, visit.id, wanted)
        if left:
            self._choose_beyond(conn, call, visit, (purses[0], left), given.approval)

    def _choose_beyond(
        self, conn: Connection, call: Call, visit: Visit, wanted: tuple[Purse, int], approval: str
    ) -> None:
        (first, beyond), policy = wanted, loyalty.beyond(conn)
        may = _beyond(conn, policy, first.account, BOOK_POINTS)
        if policy.mode == "refuse" or beyond > may:
            raise Conflicting(f"points: {beyond} more than can be spent here now", field="points")
        if policy.mode == "manager":
            capped = Capped(act=Act.AT_RISK, amount=beyond, approval=approval)
            authorise(conn, self._premises.replica, call, capped, now_ms=self._premises.clock.now_ms())
        within = next(
            (
                one
                for one in rights.reservations(conn, visit.id)
                if (one.account, one.book) == (first.account, BOOK_POINTS)
            ),
            None,
        )
        amount = beyond + (within.amount if within is not None else 0)
        rights.reserve(
            conn,
            Reserved(
                visit=visit.id, account=first.account, book=BOOK_POINTS, amount=amount, beyond=beyond, by=call.actor.id
            ),
        )

    def _choose_on_account(self, conn: Connection, visit: Visit, row: Element | None, amount: int) -> None:
        if not amount or row is None:
            return
        if not may_buy(row):
            raise Conflicting("on_account: this customer does not buy on account", field="on_account")
        wanted = Movement(account=account_of(row), book=BOOK_LIMIT, amount=amount)
        benefits.choose(conn, self._premises.replica, visit.id, wanted)

    def _choose_notes(self, conn: Connection, visit: Visit, parts: Sequence[NotePart]) -> None:
        day = terms.day_there(conn, self._premises.replica.identity.shop, self._now_ms())
        amounts: dict[bytes, int] = {}
        for part in parts:
            note = note_of(conn, part.code)
            until = note.fields.get(NOTE_UNTIL)
            if isinstance(until, int) and day > until:
                raise Conflicting("credit_notes: this credit note is not good any more", field="credit_notes")
            account = note.fields[NOTE_ACCOUNT]
            amounts[account] = amounts.get(account, 0) + part.amount  # one note named twice is one choice
        for account, amount in amounts.items():
            wanted = Movement(account=account, book=BOOK_CREDIT_NOTE, amount=amount)
            benefits.choose(conn, self._premises.replica, visit.id, wanted)

    def _choose_promo_codes(self, conn: Connection, visit: Visit, codes: Sequence[str]) -> None:
        day = terms.day_there(conn, self._premises.replica.identity.shop, self._now_ms())
        for code in dict.fromkeys(codes):
            row = promo_of(conn, code)
            refuse_unless_in_force(row, day)
            wanted = Movement(account=row.fields[PROMO_ACCOUNT], book=BOOK_QUOTA, amount=1)
            benefits.choose(conn, self._premises.replica, visit.id, wanted)

    def _choose_coupons(self, conn: Connection, visit: Visit, here: Sequence[Element], wanted: Sequence[str]) -> None:
        replica = self._premises.replica
        day = terms.day_there(conn, replica.identity.shop, self._now_ms())
        for one in wanted:
            coupon = coupons.coupon_of(here, one)
            if coupon is None:
                raise NotFound("coupons: this customer has no such coupon", field="coupons")
            state = coupons.state_of(conn, replica, coupon, day, visit=visit.id)
            if state != "usable":
                raise Conflicting(f"coupons: this coupon cannot be used here now ({state})", field="coupons")
            account = coupon.fields[COUPON_ACCOUNT]
            benefits.choose(conn, replica, visit.id, Movement(account=account, book=BOOK_COUPON, amount=1))

    def _chosen(self, conn: Connection, visit: Visit) -> Chosen:
        found = rights.reservations(conn, visit.id)
        here = loyalty.owned(conn, visit.customer)
        by_account = {one.fields.get(COUPON_ACCOUNT): one.dot.hex() for one in here if is_coupon(one)}
        points = [one for one in found if one.book == BOOK_POINTS]
        return Chosen(
            points=sum(one.amount for one in points),
            beyond=sum(one.beyond for one in points),
            coupons=tuple(by_account.get(one.account, "") for one in found if one.book == BOOK_COUPON),
            on_account=sum(one.amount for one in found if one.book == BOOK_LIMIT),
            credit_notes=sum(one.amount for one in found if one.book == BOOK_CREDIT_NOTE),
            promo_codes=sum(one.amount for one in found if one.book == BOOK_QUOTA),
        )

    def _now_ms(self) -> int:
        return self._premises.clock.now_ms() + self._premises.replica.timeline.offset_ms

    def _shown(self, conn: Connection, customer: EntityId) -> LoyaltyShown:
        _here(conn, customer)
        replica = self._premises.replica
        day = terms.day_there(conn, replica.identity.shop, self._now_ms())
        return LoyaltyShown(
            customer=customer.hex(),
            points=self._purse(conn, loyalty.accounts_of(conn, customer), BOOK_POINTS),
            coupons=tuple(coupons.shown(conn, replica, loyalty.owned(conn, customer), day)),
        )

    def _purse(self, conn: Connection, accounts: Sequence[bytes], book: int) -> PurseShown:
        replica, policy = self._premises.replica, loyalty.beyond(conn)
        purses = [rights.purse(conn, replica, account, book) for account in accounts]
        balance, here = sum(one.balance for one in purses), sum(one.left for one in purses)
        chosen = sum(rights.reserved(conn, account, book) for account in accounts)
        return PurseShown(
            balance=balance,
            here=here,
            chosen=chosen,
            why=self._why(conn, balance=balance, here=here, chosen=chosen),
            mode=policy.mode,
            beyond=_beyond(conn, policy, accounts[0], book),
            at_risk=sum(rights.balance(conn, account, debt_book(book)) for account in accounts),
            due=sum(rights.balance(conn, account, due_book(book)) for account in accounts),
            expiring=self._expiring(conn, accounts, book),
        )

    def _expiring(self, conn: Connection, accounts: Sequence[bytes], book: int) -> int:
        """What is over at the end of the notice."""
        policy = expiry.expiry_of(text_of(customers.policy(conn, expiry.EXPIRY)))
        if policy is None:
            return 0
        horizon = expiry.horizon_ms(policy, self._now_ms() + policy.notice_days * DAY_MS)
        return sum(expiry.over(loyalty.entries(conn, account), book, horizon) for account in accounts)

    def _why(self, conn: Connection, *, balance: int, here: int, chosen: int) -> Why:
        if here >= balance:
            return "all_here"
        if fenced_ms(conn):
            return "two_boxes"
        if is_filling(conn):
            return "filling"
        return "chosen" if here + chosen >= balance else "elsewhere"


def _beyond(conn: Connection, policy: Beyond, account: bytes, book: int) -> int:
    """What may still stand at risk for an account."""
    name = next((name for name, number in BOOK_NAMES.items() if number == book), "")
    most = policy.at_most.get(name, 0) if policy.mode != "refuse" else 0
    return max(most - rights.balance(conn, account, debt_book(book)) - rights.reserved_beyond(conn, account, book), 0)


def _visit(conn: Connection, id_: EntityId) -> Visit:
    found = visits.load(conn, id_)
    if found is None:
        raise NotFound("no visit has this id", field="id")
    return found


def _here(conn: Connection, customer: EntityId) -> list[Element]:
    found = elements.elements_of(conn, customer)
    row = row_of(found)
    if row is None or is_deleted(row):
        raise NotFound("customer: no customer has this id", field="customer")
    return found


def _served(conn: Connection, customer: EntityId) -> list[Element]:
    """A customer who may have something; raises NotFound, Conflicting for nobody in particular."""
    found = _here(conn, customer)
    row = row_of(found)
    if row is not None and is_walk_in(row):
        raise Conflicting("customer: nobody in particular has no points: attach a customer first", field="customer")
    return found
