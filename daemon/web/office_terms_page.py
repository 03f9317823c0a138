"""Head office's screen of terms: groups, types, price lists, rules of loyalty, and the policies with their origin."""

from typing import Final

from daemon.desk.policies import PolicyEdit
from daemon.domain.customer_type import CustomerTypeEdit
from daemon.domain.group import GroupEdit
from daemon.domain.loyalty import LoyaltyRule
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.aside import Notice, Word
from daemon.web.http import Response, RouteDef
from daemon.web.i18n import Words
from daemon.web.policy_form import form_of, value_of
from daemon.web.policy_view import policy_rows
from daemon.web.surface import PageCall, Surface
from daemon.web.terms_page import hundredths

ONE: Final = "{id:[0-9a-f]{16}}"
TERMS: Final = frozenset({"label", "discount"})


class OfficeTermsPages:
    """What groups and types carry, and what the chain has decided."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface = self._surface
        return [
            surface.get("/conditions", self._terms),
            surface.post("/conditions/groupes", self._add_group, Right.KEEP_TERMS),
            surface.post(f"/conditions/groupes/{ONE}", self._edit_group, Right.KEEP_TERMS),
            surface.post("/conditions/types", self._add_type, Right.KEEP_TERMS),
            surface.post(f"/conditions/types/{ONE}", self._edit_type, Right.KEEP_TERMS),
            surface.get("/reglages", self._policies),
            surface.post("/reglages/{name:[a-z_]{1,32}}", self._set_policy, Right.SET_UP),
        ]

    async def _terms(self, call: PageCall) -> Response:
        desks = self._surface.desks
        return await self._surface.show(
            call,
            "office_terms.html.j2",
            groups=(await desks.terms.groups()).groups,
            types=(await desks.terms.types()).types,
            lists=(await desks.prices.price_lists()).price_lists,
            rules=[
                (rule.label, rule_sentence(rule, call.words))
                for rule in (await desks.loyalty.rules()).rules
                if not rule.withdrawn
            ],
        )

    async def _add_group(self, call: PageCall) -> Response:
        given = GroupEdit(label=_label(call), discount=_discount(call))
        await self._surface.desks.terms.add_group(self._surface.change(call), given, TERMS)
        return self._done(call)

    async def _edit_group(self, call: PageCall) -> Response:
        given = GroupEdit(label=_label(call), discount=_discount(call))
        await self._surface.desks.terms.edit_group(self._surface.change(call), call.id(), given, TERMS)
        return self._done(call)

    async def _add_type(self, call: PageCall) -> Response:
        given = CustomerTypeEdit(label=_label(call), discount=_discount(call))
        await self._surface.desks.terms.add_type(self._surface.change(call), given, TERMS)
        return self._done(call)

    async def _edit_type(self, call: PageCall) -> Response:
        given = CustomerTypeEdit(label=_label(call), discount=_discount(call))
        await self._surface.desks.terms.edit_type(self._surface.change(call), call.id(), given, TERMS)
        return self._done(call)

    async def _policies(self, call: PageCall) -> Response:
        rows = policy_rows(await self._surface.desks.policies.all(), call.words, self._surface.now_ms)
        asked = call.query.get("regle", "") if call.may("set_up") else ""
        fields = next((form_of(row.policy, call.words) for row in rows if row.name == asked), ())
        return await self._surface.show(call, "policies.html.j2", rows=rows, editing=asked, fields=fields)

    async def _set_policy(self, call: PageCall) -> Response:
        """Say what was typed; beyond its bounds the policy stays as it is."""
        desk, name = self._surface.desks.policies, call.path["name"]
        policy = await desk.one(name)
        try:
            given = PolicyEdit(value=value_of(policy, call.form, call.words))
            await desk.put(self._surface.change(call), name, given)
        except OperatorMistake as wrong:
            sentence = call.words.text("This policy cannot say that: it stays as it was.")
            where = f"{self._surface.root}/reglages?regle={name}"
            self._surface.notify(call, Notice(kind="problem", sentence=sentence, details=str(wrong), at=where))
            return self._surface.go(where)
        self._surface.say(call, Word(sentence=call.words.text("Saved, for every till.")))
        return self._surface.go(f"{self._surface.root}/reglages")

    def _done(self, call: PageCall) -> Response:
        self._surface.say(call, Word(sentence=call.words.text("Saved, for every till.")))
        return self._surface.go(f"{self._surface.root}/conditions")


def rule_sentence(rule: LoyaltyRule, words: Words) -> str:
    """What a rule does, in one line."""
    match rule.kind:
        case "points":
            return words.text("points: %(points)s for a euro", points=words.rate(rule.rate).rstrip("%\u00a0\u202f "))
        case "threshold":
            return words.counted("a coupon for each %(num)s point", "a coupon for each %(num)s points", rule.every)
        case "birthday":
            return words.counted(
                "a coupon from %(num)s day before the birthday on",
                "a coupon from %(num)s days before the birthday on",
                rule.before,
            )


def _label(call: PageCall) -> str:
    return call.form.get("label", "").strip()


def _discount(call: PageCall) -> int | None:
    """Hundredths of a percent of `12,5`; None where nothing was typed. Raises OperatorMistake."""
    typed = call.form.get("discount", "").replace("%", "").strip()
    if not typed:
        return None
    return hundredths(typed, "discount")
