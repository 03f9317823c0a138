"""Every screen of the till in each of its states: how it is brought about, by what a cashier does or a shop has."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from daemon.desk.condition import LinkShown
from daemon.desk.edit import CustomerEdit
from daemon.desk.members import NewNote
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from tests.browser.conftest import Screen
from tests.fakes.counter import Counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import CARD, known, sophie

OFFLINE: Final = LinkShown(online=False, since="2025-10-09T06:05:00Z")
ONLINE: Final = LinkShown(online=True, since="2025-10-09T05:00:00Z")


@dataclass
class Stage:
    """A till whose line can be cut, with its customers by the names of the states below."""

    screen: Screen
    link: list[LinkShown]
    ids: dict[str, str] = field(default_factory=dict)

    async def go(self, path: str, shows: str) -> None:
        await self.screen.page.goto(f"{self.screen.url}/caisse{path}")
        await self.screen.page.wait_for_selector(f'body[data-live][data-screen~="{shows}"]')

    async def sees(self, selector: str) -> None:
        await self.screen.page.wait_for_selector(selector)


def _id(text: str) -> EntityId:
    return EntityId(bytes.fromhex(text))


async def people_of(counter: Counter) -> dict[str, str]:
    """Customers as difficult as real ones."""
    await counter.choose_walk_in()
    for name in ("Nolwenn", "Marie-Antoinette de La Rochefoucauld", "Yann"):
        await counter.hire(name, pin=PIN, role=Role.MANAGER if name == "Yann" else Role.CASHIER)
    notes = (NewNote(text="Vient le samedi"), NewNote(text="Préfère être appelée après 18 h"))
    many = {"last_name": "de La Rochefoucauld-Montmorency", "tags": ("VIP", "Jardin", "Pro"), "notes": notes}
    id_ = await sophie(counter, **many)
    todo = await known(
        counter,
        **{"first_name": "Gaël", "last_name": "Tanguy", "mobile": "0639981299"},
        notes=(NewNote(text="Housse de coussin à remettre, réserve, étagère 3", show_at_till=True),),
    )
    much = tuple(NewNote(text=f"{text} " * 6, show_at_till=True) for text in ("Rappeler", "Facture", "Colis", "Clé"))
    busy = await known(counter, first_name="Anne", last_name="Le Goff", email="anne@example.org", notes=much)
    blocked = await known(counter, company_name="Atelier Morvan", kind="company", siret="73282932000074")
    given = CustomerEdit(blocked=True, blocked_reason="Trois factures impayées depuis mars")
    await counter.desks.edits.edit(counter.call(), _id(blocked), given, present=frozenset({"blocked"}), version="")
    for number in range(25):
        await known(counter, first_name="Sophie", last_name=f"Lefebvre{number}", email=f"s{number}@example.org")
    bare = await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")
    return {"sophie": id_, "bare": bare, "todo": todo, "busy": busy, "blocked": blocked}


async def _search_typed(stage: Stage) -> None:
    await stage.go("", "ready")
    await stage.screen.page.fill("#q", "rochef")
    await stage.sees("#hits mark")


async def _unknown_card(stage: Stage) -> None:
    await stage.go(f"/clients/{stage.ids['bare']}", "record")
    await stage.screen.scan("2900049999")
    await stage.sees(".notice--unknown")


async def _faulty_form(stage: Stage) -> None:
    await stage.go("/clients/nouveau", "edit")
    await stage.screen.page.fill("#f-last_name", "Tanguy")
    await stage.screen.page.fill("#f-email", "x@")
    await stage.screen.page.click(".act .btn--primary")
    await stage.sees("[aria-invalid]")


async def _held_scan(stage: Stage) -> None:
    await stage.go(f"/clients/{stage.ids['bare']}/modifier", "edit")
    await stage.screen.page.fill("#f-first_name", "Gaël")
    await stage.screen.scan(CARD)
    await stage.sees(".notice--held")


def page(path: str, shows: str) -> Callable[[Stage], Awaitable[None]]:
    """A state that an address brings about."""

    async def bring(stage: Stage) -> None:
        await stage.go(path.format(**stage.ids), shows)

    return bring


STATES: Final[Mapping[str, Callable[[Stage], Awaitable[None]]]] = {
    "ready": page("", "ready"),
    "search": page("/clients?q=soph", "search"),
    "search, typed": _search_typed,
    "search, almost": page("/clients?q=rochefoucault", "search"),
    "search, nobody": page("/clients?q=kerouedan", "search"),
    "record": page("/clients/{sophie}", "record"),
    "record, notes": page("/clients/{sophie}?section=notes", "record"),
    "record, cards": page("/clients/{sophie}?section=cards", "record"),
    "record, consents": page("/clients/{sophie}?section=consents", "record"),
    "record, bare": page("/clients/{bare}", "record"),
    "record, unknown card": _unknown_card,
    "alert": page("/clients/{todo}", "record"),
    "alert, several": page("/clients/{busy}", "record"),
    "alert, blocked": page("/clients/{blocked}", "record"),
    "why": page("/clients/{sophie}/pourquoi", "why"),
    "badge": page("/clients/{sophie}/badge", "badge"),
    "edit": page("/clients/{sophie}/modifier", "edit"),
    "create": page("/clients/nouveau", "edit"),
    "create, wrong": _faulty_form,
    "edit, scan held": _held_scan,
    "till status": page("/etat", "condition"),
}
