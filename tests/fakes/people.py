"""Customers that tests of the pages are about; none is anybody."""

from typing import Any

from daemon.desk.customer_parts import Address
from daemon.desk.edit import NewConsent, NewConsents, NewCustomer
from daemon.desk.members import NewNote
from tests.fakes.counter import Counter

CARD = "2900042187"


async def sophie(counter: Counter, **more: Any) -> str:
    """A customer with a card, two notes, tags and consents."""
    given = {
        "first_name": "Sophie",
        "last_name": "Lefèvre",
        "code": "C004218",
        "email": "s.lefevre@example.org",
        "mobile": "0639981234",
        "birthday": "17/05/1980",
        "address": Address(line1="8 rue Kervégan", postal_code="44000", city="Nantes"),
        "cards": (CARD,),
        "tags": ("VIP",),
        "notes": (NewNote(text="Housse à remettre", show_at_till=True), NewNote(text="Vient le samedi")),
        "consents": NewConsents(
            newsletter=NewConsent(state="granted", source="till"), sms=NewConsent(state="refused", source="till")
        ),
    }
    return await known(counter, **{**given, **more})


async def known(counter: Counter, **fields: Any) -> str:
    """A customer with these fields."""
    made = await counter.desks.edits.create(counter.call(), NewCustomer(**fields))
    return made.customer.id
