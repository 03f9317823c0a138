"""Makes a conflict as two shops make one: both cut off, each writes another telephone for the same customer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

from daemon.clock import random_bytes
from daemon.demo.calls import Api
from daemon.demo.chain import OPERATORS
from daemon.demo.guests import guests
from daemon.demo.running import RunningChain, RunningTill
from daemon.demo.towns import FICTION_MOBILE
from daemon.demo.words import Said, said
from daemon.domain import phone

SETTLED_S_MAX: Final = 40.0
_LOOK_S: Final = 0.1


async def conflict(chain: RunningChain) -> AsyncIterator[Said]:
    """Cut the first and the last till off, let each edit, heal; says who wrote what, what stayed and what was kept."""
    customer = guests(2)[1]
    tills = list(chain.tills.values())
    both = (tills[0], tills[-1])
    for till in both:
        till.line.cut()
    try:
        for till, operator in zip(both, OPERATORS, strict=False):
            mobile = _another_mobile()
            session = await till.api.post("/sessions", {"badge": operator.badge})
            await _note(till.api.speaking_as(session.body["token"]), customer.id, mobile)
            yield said(
                "conflict_written",
                name=till.place.name,
                operator=operator.name,
                value=phone.national(mobile),
                customer=customer.name,
            )
            await chain.clock.sleep(1.0)  # the later one is later on every clock
    finally:
        for till in both:
            till.line.heal()
    yield said("conflict_healed")
    yield await _settled(chain, both, customer.id)
    yield said("conflict_where", address=f"{both[0].address}/clients/{customer.id}")


async def _note(api: Api, customer: str, mobile: str) -> None:
    before = await api.get(f"/customers/{customer}")
    await api.patch(f"/customers/{customer}", {"mobile": mobile}, version=before.version)


async def _settled(chain: RunningChain, both: tuple[RunningTill, RunningTill], customer: str) -> Said:
    """Wait until both tills show the same customer, with the value that lost."""
    begun_s = chain.clock.monotonic_s()
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLED_S_MAX):
            while True:
                one, other = [(await till.api.get(f"/customers/{customer}")).body for till in both]
                lost = _lost_mobile(one)
                if one == other and lost is not None:
                    return said(
                        "conflict_settled",
                        seconds=chain.clock.monotonic_s() - begun_s,
                        winner=one["mobile_shown"],
                        loser=phone.national(lost["value"]),
                        operator=lost["by"],
                    )
                await chain.clock.sleep(_LOOK_S)
    return said("conflict_late", seconds=SETTLED_S_MAX)


def _lost_mobile(customer: Any) -> Any | None:
    """The newest value of the telephone that lost."""
    losers = [one for one in customer["conflicts"] if one["field"] == "mobile"]
    return max(losers, key=lambda one: str(one["at"]), default=None)


def _another_mobile() -> str:
    """A number kept for fiction, other than last time."""
    return f"{FICTION_MOBILE}{int.from_bytes(random_bytes(4), 'big') % 10_000:04d}"
