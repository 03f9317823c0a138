"""Says what a scanned code is, in the order of the counter: operator's badge, declared card, product, unknown.

Nothing is committed between the frame and the event; who attaches the customer to a sale is somebody else's call.
"""

from daemon.desk.events import CustomerChanged, Event, Scanned
from daemon.desk.lookup import CARD_CLAIMS, identify
from daemon.desk.operators import OperatorDesk, Recognised, with_badge
from daemon.desk.possession import Possession
from daemon.desk.premises import Premises
from daemon.desk.search_answer import Identification
from daemon.domain.code import ScannedCode, gtin_of
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.payment_card import is_payment_card
from daemon.store import proofs
from daemon.store.database import Connection

PAYMENT_CARD = "payment_card"


def classify(code: ScannedCode, device: str, *, operator: Recognised | None, identification: Identification) -> Scanned:
    """What a code is. Pure; a payment card never comes here."""
    if operator is not None:
        return Scanned(outcome="operator", device=device, operator=operator.display_name)
    match identification.outcome:
        case "customer":
            return Scanned(outcome="customer", device=device, customer=identification.customer)
        case "choose":
            return Scanned(outcome="choose", device=device, candidates=identification.candidates)
        case "blocked":
            since = identification.blocked_at
            return Scanned(outcome="blocked", device=device, reason=identification.reason, blocked_at=since)
        case "unknown":
            return Scanned(outcome="unknown", device=device, code=code.text, product=gtin_of(code))


class ScanDesk:
    """Where scans arrive, from readers and from whoever simulates one."""

    def __init__(self, premises: Premises, operators: OperatorDesk, possession: Possession) -> None:
        self._premises = premises
        self._operators = operators
        self._possession = possession

    async def scanned(self, code: ScannedCode, *, device: str, by_reader: bool = False) -> Scanned:
        """Look a code up and tell everybody; a payment card is refused before anything looks at it.

        `by_reader`: a device of this till has read it, so that whoever it identifies has their card here.
        """
        if is_payment_card(code.text, self._premises.customs.card_prefixes):
            return self.refused(PAYMENT_CARD, device=device)
        sought = self._operators.badge_token(code.text)

        def unit(conn: Connection) -> tuple[Element | None, Identification]:
            operator = with_badge(conn, sought)
            if operator is not None:
                return operator, Identification(outcome="unknown")
            return None, identify(conn, [(claim, code.text) for claim in CARD_CLAIMS])

        row, identification = await self._premises.database.read(unit)
        operator = self._operators.recognised(row) if row is not None else None
        found = classify(code, device, operator=operator, identification=identification)
        self._premises.announce(Event.SCAN, found)
        if by_reader and found.customer is not None and found.outcome == "customer":
            await self._shown(EntityId(bytes.fromhex(found.customer.id)))
        return found

    async def trusts_applications(self) -> bool:
        """Whether a scan that an application hands in is a card that was read: readers hang on the till software."""
        return await self._premises.database.read(lambda conn: proofs.policy(conn).applications_read)

    async def _shown(self, customer: EntityId) -> None:
        """A card is here: it goes with the visit of its customer, or waits a moment for the one that it begins.

        After the event, which a commit does not hold up.
        """
        if self._premises.replica.identity.is_hub:
            return
        if await self._premises.database.write(lambda conn: self._possession.read(conn, customer)):
            self._premises.announce(Event.CUSTOMER, CustomerChanged(id=customer.hex()))
        else:
            self._possession.sightings.seen(customer, self._possession.now_ms())

    def refused(self, reason: str, *, device: str) -> Scanned:
        """A reader read something that is never looked up: tell the reason, and nothing of what was read."""
        found = Scanned(outcome="refused", device=device, reason=reason)
        self._premises.announce(Event.SCAN, found)
        return found
