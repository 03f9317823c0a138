"""The rules of loyalty: kept at head office, read everywhere; coupons given by hand."""

from dataclasses import dataclass, field

from daemon.clock import random_id
from daemon.desk import coupons
from daemon.desk.approvals import Capped, authorise
from daemon.desk.coupons import CouponShown
from daemon.desk.customer import row_of
from daemon.desk.head_office_only import refuse_at_tills
from daemon.desk.premises import Call, Premises, write_once
from daemon.domain.caps import Act
from daemon.domain.coupon import issue
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.loyalty import CouponTerms, LoyaltyRule, NewLoyaltyRule, check_coupon, decide_rule, rule_of
from daemon.errors import NotFound
from daemon.store import authoring as store
from daemon.store import elements, loyalty, terms
from daemon.store.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class LoyaltyRules:
    """All rules; withdrawn ones too."""

    rules: tuple[LoyaltyRule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenCoupon:
    """A coupon that is given by hand: cents or hundredths of a percent off, from a minimum on, for so many days.

    `approval`: what a second person said yes with, where it goes beyond the caller's role.
    """

    label: str = ""
    amount: int | None = None
    percent: int | None = None
    minimum: int = 0
    days: int = 90
    approval: str = field(default="", repr=False)


def _capped(given: CouponTerms, approval: str) -> Capped:
    """Money off counts like a credit by hand, a percentage like a discount."""
    if given.amount is not None:
        return Capped(act=Act.CREDIT, amount=given.amount, approval=approval)
    return Capped(act=Act.DISCOUNT, amount=given.percent or 0, approval=approval)


class LoyaltyDesk:
    """Where rules are kept, and coupons given."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def rules(self) -> LoyaltyRules:
        """All rules."""
        return await self._premises.database.read(lambda conn: LoyaltyRules(rules=tuple(loyalty.rules(conn))))

    async def add_rule(self, call: Call, given: NewLoyaltyRule) -> LoyaltyRule:
        """Make a rule; raises OperatorMistake, Forbidden at a till."""
        return await self._rule(call, EntityId(random_id()), given, is_new=True)

    async def put_rule(self, call: Call, id_: EntityId, given: NewLoyaltyRule) -> LoyaltyRule:
        """Say a rule anew, or withdraw it; raises NotFound, OperatorMistake, Forbidden at a till."""
        return await self._rule(call, id_, given, is_new=False)

    async def _rule(self, call: Call, id_: EntityId, given: NewLoyaltyRule, *, is_new: bool) -> LoyaltyRule:
        refuse_at_tills(self._premises, "rules of loyalty")
        key = (id_, Kind.LOYALTY_RULE, b"")

        def unit(conn: Connection) -> LoyaltyRule:
            operations = decide_rule(elements.element(conn, key), id_, given, is_new=is_new)
            if operations:
                now_ms = self._premises.clock.now_ms()
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            row = elements.element(conn, key)
            found = rule_of(row) if row is not None else None
            assert found is not None, "a rule that was just written can be read"
            return found

        return await write_once(self._premises, call, LoyaltyRule, unit, told=lambda _: None)

    async def give_coupon(self, call: Call, customer: EntityId, given: GivenCoupon) -> CouponShown:
        """Give a customer a coupon by hand; its right begins at head office.

        Raises NotFound, Forbidden beyond a cap, OperatorMistake.
        """
        said = CouponTerms(**{name: getattr(given, name) for name in CouponTerms.__dataclass_fields__})
        check_coupon(said)
        fact, now_ms = random_id(), self._premises.clock.now_ms()

        def unit(conn: Connection) -> CouponShown:
            replica = self._premises.replica
            if row_of(elements.elements_of(conn, customer)) is None:
                raise NotFound("customer: no customer has this id", field="customer")
            authorise(conn, replica, call, _capped(said, given.approval), now_ms=now_ms)
            day = terms.day_there(conn, replica.identity.shop, now_ms + replica.timeline.offset_ms)
            operations = issue(customer, fact, said, day, rule="")
            store.commit(conn, replica, call.actor, operations, now_ms=now_ms)
            here = elements.elements_of(conn, customer)
            return next(one for one in coupons.shown(conn, replica, here, day) if one.id == fact.hex())

        return await write_once(self._premises, call, CouponShown, unit, told=lambda _: None)
