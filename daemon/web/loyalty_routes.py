"""Routes of loyalty: what a customer has, what a visit has chosen to spend, points by hand, rules, coupons."""

from typing import Final

from daemon.desk.coupons import CouponShown
from daemon.desk.credit_notes import CreditNoteShown, NewCreditNote
from daemon.desk.debts import DebtsShown, Settlement
from daemon.desk.loyalty_rules import GivenCoupon, LoyaltyRules
from daemon.desk.on_account import Correction, OnAccountEdit, OnAccountShown, Payment
from daemon.desk.purse_shown import Adjustment, Chosen, EntriesShown, LoyaltyShown, Spending, Wanted
from daemon.domain.loyalty import LoyaltyRule, NewLoyaltyRule
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


async def _show(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.purses.show(asked.id()))


async def _entries(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.purses.entries(asked.id(), asked.query.get("after", "")))


async def _adjust(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.purses.adjust(asked.call, asked.id(), asked.body))


async def _ask(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.purses.ask(asked.call, asked.id(), asked.body))


async def _chosen(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.purses.chosen(asked.id()))


async def _choose(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.purses.choose(asked.call, asked.id(), asked.body))


async def _give_coupon(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.loyalty.give_coupon(asked.call, asked.id(), asked.body))


async def _rules(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.loyalty.rules())


async def _add_rule(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.loyalty.add_rule(asked.call, asked.body))


async def _put_rule(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.loyalty.put_rule(asked.call, asked.id(), asked.body))


async def _debts(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.debts.debts())


async def _settle(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.debts.settle(asked.call, asked.id(), asked.body))


async def _on_account(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.on_account.show(asked.id()))


async def _edit_on_account(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.on_account.edit(asked.call, asked.id(), asked.body))


async def _pay(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.on_account.pay(asked.call, asked.id(), asked.body))


async def _correct(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.on_account.correct(asked.call, asked.id(), asked.body))


async def _issue_note(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.credit_notes.issue(asked.call, asked.body))


async def _find_note(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.credit_notes.find(asked.path["code"]))


async def _ask_for_note(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.credit_notes.ask(asked.call, asked.path["code"]))


_CUSTOMER: Final = "/customers/{id}"

ROUTES: Final = (
    Route(
        method="GET",
        path=f"{_CUSTOMER}/loyalty",
        summary="What a customer has, what of it may be spent here and now, and why not more.",
        right=Right.READ,
        answer=LoyaltyShown,
        act=_show,
    ),
    Route(
        method="GET",
        path=f"{_CUSTOMER}/points",
        summary="How the balance of points came about, newest first.",
        right=Right.READ,
        query=(Param(name="after", text="The id of the last entry of the page before; absent at the beginning."),),
        answer=EntriesShown,
        act=_entries,
    ),
    Route(
        method="POST",
        path=f"{_CUSTOMER}/points",
        summary="Give or take points by hand, with a reason.",
        right=Right.EDIT,
        body=Adjustment,
        answer=LoyaltyShown,
        act=_adjust,
        once=True,
    ),
    Route(
        method="POST",
        path=f"{_CUSTOMER}/loyalty/ask",
        summary="Ask head office for what a basket may need at this till; it comes while the till is connected.",
        right=Right.SELL,
        body=Wanted,
        answer=LoyaltyShown,
        act=_ask,
        once=True,
        till=True,
    ),
    Route(
        method="POST",
        path=f"{_CUSTOMER}/coupons",
        summary="Give a customer a coupon by hand.",
        right=Right.GIVE_TERMS,
        body=GivenCoupon,
        answer=CouponShown,
        act=_give_coupon,
        status=201,
        once=True,
    ),
    Route(
        method="GET",
        path="/visits/{id}/spending",
        summary="What the customer of a visit has chosen to spend; it is there again after a crash.",
        right=Right.SELL,
        answer=Chosen,
        act=_chosen,
        till=True,
    ),
    Route(
        method="PUT",
        path="/visits/{id}/spending",
        summary="Choose anew what the customer spends, all of it or nothing: kept until the visit is posted or ends.",
        right=Right.SELL,
        body=Spending,
        answer=Chosen,
        act=_choose,
        till=True,
    ),
    Route(
        method="GET",
        path=f"{_CUSTOMER}/on-account",
        summary="How a customer buys on account: number, maximum, what is owed, for how much here and now.",
        right=Right.READ,
        answer=OnAccountShown,
        act=_on_account,
    ),
    Route(
        method="PATCH",
        path=f"{_CUSTOMER}/on-account",
        summary="Tick or untick (refused while something is owed), change the number; the maximum at head office.",
        right=Right.GIVE_TERMS,
        body=OnAccountEdit,
        answer=OnAccountShown,
        act=_edit_on_account,
    ),
    Route(
        method="POST",
        path=f"{_CUSTOMER}/on-account/payments",
        summary="Take a payment on what is owed: always, at any till.",
        right=Right.SELL,
        body=Payment,
        answer=OnAccountShown,
        act=_pay,
        once=True,
    ),
    Route(
        method="POST",
        path=f"{_CUSTOMER}/on-account/corrections",
        summary="Correct what is owed by hand, with a reason.",
        right=Right.GIVE_TERMS,
        body=Correction,
        answer=OnAccountShown,
        act=_correct,
        once=True,
    ),
    Route(
        method="POST",
        path="/credit-notes",
        summary="Issue a credit note, from a return or by hand; to a customer or to whoever holds the paper.",
        right=Right.SELL,
        body=NewCreditNote,
        answer=CreditNoteShown,
        act=_issue_note,
        status=201,
        once=True,
        till=True,
    ),
    Route(
        method="GET",
        path="/credit-notes/{code}",
        summary="A credit note by its code: where it comes from, what is left of it, what of that may be spent here.",
        right=Right.READ,
        answer=CreditNoteShown,
        act=_find_note,
    ),
    Route(
        method="POST",
        path="/credit-notes/{code}/ask",
        summary="Ask head office for what is left of a note, to be spent here; it comes while this till is connected.",
        right=Right.SELL,
        answer=CreditNoteShown,
        act=_ask_for_note,
        once=True,
        till=True,
    ),
    Route(
        method="GET",
        path="/at-risk",
        summary="What customers had without a right to it and is not settled, the largest first.",
        right=Right.OBSERVE,
        answer=DebtsShown,
        act=_debts,
    ),
    Route(
        method="POST",
        path="/at-risk/{id}/settle",
        summary="Settle what stands against an account: taken from its balance, or waived. At head office.",
        right=Right.KEEP_TERMS,
        body=Settlement,
        answer=DebtsShown,
        act=_settle,
        once=True,
    ),
    Route(
        method="GET",
        path="/loyalty/rules",
        summary="The rules of loyalty.",
        right=Right.READ,
        answer=LoyaltyRules,
        act=_rules,
    ),
    Route(
        method="POST",
        path="/loyalty/rules",
        summary="Make a rule: points for euros, coupons at a threshold or for birthdays. At head office.",
        right=Right.KEEP_TERMS,
        body=NewLoyaltyRule,
        answer=LoyaltyRule,
        act=_add_rule,
        status=201,
        once=True,
    ),
    Route(
        method="PUT",
        path="/loyalty/rules/{id}",
        summary="Say a rule anew, or withdraw it. At head office.",
        right=Right.KEEP_TERMS,
        body=NewLoyaltyRule,
        answer=LoyaltyRule,
        act=_put_rule,
    ),
)
