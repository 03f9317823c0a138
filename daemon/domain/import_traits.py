"""What a line of a file is told by: whom it would create, and what others of that customer would have in common."""

from collections.abc import Iterator
from dataclasses import dataclass

from daemon.domain.claims import normal_form
from daemon.domain.code import lookup_form
from daemon.domain.customer_draft import CustomerDraft
from daemon.domain.folding import fold
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim

Claimed = tuple[int, str]
"""(claim, normal form)"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """What a line is told by: `made` is whom it creates; `identifying`: (claim, value, normal form)."""

    made: EntityId
    identifying: tuple[tuple[Claim, str, str], ...] = ()
    telephones: tuple[str, ...] = ()
    name: str = ""
    postal_code: str = ""

    @property
    def claimed(self) -> list[Claimed]:
        """All values that somebody may have."""
        found = [(int(claim), form) for claim, _, form in self.identifying]
        return found + [(int(Claim.PHONE), number) for number in self.telephones]

    @property
    def shared(self) -> frozenset[tuple[int | str, str]]:
        """What another line of the file would be found by, once this one is in the database."""
        name = f"{self.name} {self.postal_code}"
        return frozenset([*self.claimed, ("id", self.made.hex()), ("name", name)])

    @property
    def proving(self) -> frozenset[tuple[int | str, str]]:
        """What makes two lines one customer."""
        found = [(int(claim), form) for claim, _, form in self.identifying]
        return frozenset([*found, ("id", self.made.hex())])


def traits_of(draft: CustomerDraft, made: EntityId) -> Traits:
    """What a line is told by."""
    forms = (
        (claim, value, normal_form(claim, lookup_form(value) if claim is Claim.CARD else value))
        for claim, value in _identifying(draft)
    )
    person = fold(f"{draft.get('first_name', '')} {draft.get('last_name', '')}")
    return Traits(
        made=made,
        identifying=tuple(forms),
        telephones=tuple(dict.fromkeys(filter(None, (draft.get("mobile"), draft.get("phone"))))),
        name=person or fold(draft.get("company_name", "")),
        postal_code=draft.get("address", {}).get("postal_code", ""),
    )


def _identifying(draft: CustomerDraft) -> Iterator[tuple[Claim, str]]:
    if "code" in draft:
        yield Claim.CODE, draft["code"]
    if "email" in draft:
        yield Claim.EMAIL, draft["email"]
    for card in draft.get("cards", []):
        yield Claim.CARD, card
