"""The fleet in the words of the API."""

from collections.abc import Sequence

from daemon.desk import instant
from daemon.domain.change import Actor
from daemon.hub.fleet import Fleet, MadeCode, TillFacts
from daemon.sync.till_facts import DeviceTold
from daemon.web.parts import FarDevice, TillShown


class ShownFleet:
    """Implements `web.parts.Roster`."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def tills(self) -> Sequence[TillShown]:
        """Every enrolled till, by site."""
        return [_shown(facts) for facts in await self._fleet.facts()]

    async def add_till(self, shop: int, label: str = "") -> MadeCode:
        """A one-use code for a new till."""
        return await self._fleet.add_till(shop, label)

    async def revoke(self, site: int) -> None:
        """Withdraw a till."""
        await self._fleet.revoke(site)

    async def unfence(self, site: int) -> None:
        """One of the two boxes of a site was taken away."""
        await self._fleet.unfence(site)

    async def accept_audit(self, site: int) -> None:
        """An operator has looked at an audit trail that was changed."""
        await self._fleet.accept_audit(site)

    async def write_off(self, site: int, actor: Actor) -> int:
        """Write off what a withdrawn till held, or the boxes that a till was before."""
        return await self._fleet.write_off(site, actor)


def _shown(facts: TillFacts) -> TillShown:
    return TillShown(
        site=facts.site,
        shop=facts.shop,
        label=facts.label or f"{facts.shop}/{facts.site}",
        online=facts.online,
        heard_at=instant.shown(facts.heard_ms or 0) or None,
        version=facts.version,
        clock_ahead_ms=facts.clock_ahead_ms,
        offset=facts.offset,
        behind=facts.behind,
        waiting=facts.waiting,
        revoked=facts.revoked,
        certificate_until=instant.shown(facts.certificate_until_ms or 0) or None,
        fenced_since=instant.shown(facts.fenced_ms or 0) or None,
        former_box_since=instant.shown(facts.former_box_ms or 0) or None,
        audit_changed_at=facts.audit_changed_at,
        devices=tuple(map(_device, facts.devices)) if facts.devices is not None else None,
        disk_free_bytes=facts.disk_free_bytes,
        conflicts=facts.copy.conflicts if facts.copy is not None else None,
        otherwise=facts.copy.otherwise if facts.copy is not None else None,
        proved_at=(instant.shown(facts.copy.proved_ms) or None) if facts.copy is not None else None,
    )


def _device(told: DeviceTold) -> FarDevice:
    return FarDevice(
        device=told.device,
        state=told.state,
        last_read_at=instant.shown(told.last_read_ms) or None,
        bad_frames=told.bad_frames,
        suppressed=told.suppressed,
        reconnects=told.reconnects,
        refused_full=told.refused_full,
        role=told.role,
    )
