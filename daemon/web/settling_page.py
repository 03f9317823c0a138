"""Head office's screens of what somebody has to settle: values that met, and records that may be one person."""

from collections.abc import Mapping
from typing import Final

from daemon.desk.merging import MergePreview, Merging, Parting
from daemon.domain.ids import EntityId
from daemon.domain.role import Right
from daemon.web.aside import Word
from daemon.web.disagreement_view import met_in
from daemon.web.http import Response, RouteDef
from daemon.web.merge_view import Holdings, comparison_of, pair_after, reasons_line
from daemon.web.surface import PageCall, Surface, entity

SHOWN: Final = 50
CHOSEN: Final = "choose."
"""Prefix of the form's fields that name the record whose value is right."""

_PAIR: Final = "/doublons/{id:[0-9a-f]{16}}/{other:[0-9a-f]{16}}"


class SettlingPages:
    """Conflicts, duplicates, and two records side by side."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface = self._surface
        return [
            surface.get("/conflits", self._conflicts),
            surface.get("/doublons", self._duplicates),
            surface.get(_PAIR, self._compare),
            surface.post(f"{_PAIR}/fusionner", self._merge, Right.BLOCK),
            surface.post(f"{_PAIR}/separer", self._part, Right.BLOCK),
            surface.post(f"{_PAIR}/differents", self._different, Right.EDIT),
        ]

    async def _conflicts(self, call: PageCall) -> Response:
        here = self._surface.place.site
        found = await self._surface.desks.provenance.inbox(after=call.query.get("after", ""), limit=SHOWN)
        conflicts = [(one, met_in(one, call.words, here)) for one in found.disagreements]
        return await self._surface.show(call, "conflicts.html.j2", conflicts=conflicts, onward=found.next)

    async def _duplicates(self, call: PageCall) -> Response:
        found = await self._surface.desks.merging.pairs(after=call.query.get("after", ""), limit=SHOWN)
        pairs = [(pair, reasons_line(pair.reasons, call.words)) for pair in found.pairs]
        return await self._surface.show(call, "duplicates.html.j2", pairs=pairs, total=found.total, onward=found.next)

    async def _compare(self, call: PageCall) -> Response:
        desks, one, other = self._surface.desks, call.path["id"], call.path["other"]
        preview = await desks.merging.preview(call.id(), call.id("other"))
        if len(preview.records) < 2:
            return self._surface.go(f"{self._surface.root}/clients/{preview.shown_by}")
        pairs = (await desks.merging.pairs(limit=SHOWN)).pairs
        pair = next((pair for pair in pairs if {pair.one.id, pair.other.id} == {one, other}), None)
        return await self._surface.show(
            call,
            "merge.html.j2",
            compared=comparison_of(
                preview,
                {brief.id: await desks.lookup.customer(entity(brief.id)) for brief in preview.records},
                {brief.id: await self._holdings(entity(brief.id)) for brief in preview.records},
                call.words,
                await self._named(preview),
            ),
            reasons=reasons_line(pair.reasons, call.words) if pair is not None else "",
            score=pair.score if pair is not None else None,
            later=pair_after(pairs, one, other),
            one=f"{self._surface.root}/doublons/{one}/{other}",
        )

    async def _merge(self, call: PageCall) -> Response:
        chosen = {name.removeprefix(CHOSEN): id_ for name, id_ in call.form.items() if name.startswith(CHOSEN)}
        given = Merging(other=call.path["other"], choose=chosen)
        person = await self._surface.desks.merging.merge(self._surface.change(call), call.id(), given)
        undo = f"{self._surface.root}/doublons/{call.path['id']}/{call.path['other']}/separer"
        sentence = call.words.text("One person from now on, for every till. This can be undone for 30 days.")
        self._surface.say(call, Word(sentence=sentence, undo=undo))
        return self._surface.go(f"{self._surface.root}/clients/{person.shown_by}")

    async def _part(self, call: PageCall) -> Response:
        given = Parting(other=call.path["other"])
        await self._surface.desks.merging.part(self._surface.change(call), call.id(), given)
        self._surface.say(call, Word(sentence=call.words.text("Two people again.")))
        return self._surface.go(f"{self._surface.root}/clients/{call.path['id']}")

    async def _different(self, call: PageCall) -> Response:
        """The pair is not shown again; on to the next one."""
        pairs = (await self._surface.desks.merging.pairs(limit=SHOWN)).pairs
        later = pair_after(pairs, call.path["id"], call.path["other"])
        await self._surface.desks.merging.call_different(call.id(), call.id("other"))
        self._surface.say(call, Word(sentence=call.words.text("Noted: two people.")))
        onward = f"/{later.one.id}/{later.other.id}" if later is not None else ""
        return self._surface.go(f"{self._surface.root}/doublons{onward}")

    async def _holdings(self, customer: EntityId) -> Holdings:
        desks = self._surface.desks
        purse, revenue = await desks.purses.show(customer), await desks.revenue.revenue(customer)
        usable = sum(one.state in {"usable", "elsewhere"} for one in purse.coupons)
        year = sum(month.revenue for month in revenue.months[:12])
        return Holdings(points=purse.points.balance, coupons=usable, revenue=year)

    async def _named(self, preview: MergePreview) -> Mapping[str, str]:
        """What the groups, types and price lists are called that the records name by id or code."""
        desks, fields = self._surface.desks, {row.field for row in preview.fields} | {one.name for one in preview.same}
        named = dict[str, str]()
        if "principal_group" in fields:
            named |= {group.id: group.label for group in (await desks.terms.groups()).groups}
        if "customer_type" in fields:
            named |= {one.id: one.label for one in (await desks.terms.types()).types}
        if "price_list" in fields:
            named |= {one.code: one.label or one.code for one in (await desks.prices.price_lists()).price_lists}
        return named
