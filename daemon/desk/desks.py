"""All desks of one replica, introduced to each other."""

from dataclasses import dataclass, field

from daemon.desk.alerts import AlertDesk
from daemon.desk.approvals import ApprovalDesk
from daemon.desk.at_a_glance import GlanceDesk
from daemon.desk.audit_desk import AuditDesk
from daemon.desk.badge_designs import BadgeDesignDesk
from daemon.desk.badges import BadgeDesk, BadgeManner
from daemon.desk.condition import ConditionDesk
from daemon.desk.credit_notes import CreditNoteDesk
from daemon.desk.custom_fields import CustomFieldDesk
from daemon.desk.customer_terms import CustomerTermsDesk
from daemon.desk.debts import DebtDesk
from daemon.desk.display_desk import CustomerDisplay, DisplayDesk
from daemon.desk.edit import EditDesk
from daemon.desk.erasures import ErasureDesk
from daemon.desk.favourites import FavouriteDesk
from daemon.desk.held import HeldDesk
from daemon.desk.history import HistoryDesk
from daemon.desk.imports import ImportDesk
from daemon.desk.inquiry import AskHeadOffice, InquiryDesk
from daemon.desk.leaving import LeavingDesk
from daemon.desk.lookup import LookupDesk
from daemon.desk.loyalty_party import LoyaltyParty
from daemon.desk.loyalty_rules import LoyaltyDesk
from daemon.desk.member_desk import MemberDesk
from daemon.desk.merging import MergingDesk
from daemon.desk.on_account import OnAccountDesk
from daemon.desk.operators import OperatorDesk
from daemon.desk.policies import PolicyDesk
from daemon.desk.possession import Possession
from daemon.desk.premises import Premises
from daemon.desk.price_lists import PriceDesk
from daemon.desk.print_room import PrintRoom
from daemon.desk.printouts import PrintoutDesk, PrintoutManner
from daemon.desk.promo_codes import PromoDesk
from daemon.desk.proofs import ProofDesk
from daemon.desk.provenance import ProvenanceDesk
from daemon.desk.purses import PurseDesk
from daemon.desk.register import RegisterDesk
from daemon.desk.replacement import ReplacementDesk
from daemon.desk.revenue import RevenueDesk
from daemon.desk.sale_party import Parties
from daemon.desk.sales import SalesDesk
from daemon.desk.scan import ScanDesk
from daemon.desk.selling import SellingDesk
from daemon.desk.setting_up import SetUpDesk
from daemon.desk.shops import ShopDesk
from daemon.desk.sightings import Sightings
from daemon.desk.terms import TermsDesk
from daemon.desk.ticket_awards import TicketParty
from daemon.desk.ticket_taking import TicketTakingDesk
from daemon.desk.tickets import TicketDesk
from daemon.desk.unsent import UnsentDesk
from daemon.desk.visits import VisitDesk
from daemon.desk.wishes import WishDesk


@dataclass(frozen=True, kw_only=True, slots=True)
class Desks:
    """The desks; `visits` at a till only, `badges` where a printer is configured."""

    lookup: LookupDesk
    glances: GlanceDesk
    edits: EditDesk
    members: MemberDesk
    leaving: LeavingDesk
    erasures: ErasureDesk
    custom_fields: CustomFieldDesk
    alerts: AlertDesk
    favourites: FavouriteDesk
    provenance: ProvenanceDesk
    policies: PolicyDesk
    merging: MergingDesk
    operators: OperatorDesk
    scans: ScanDesk
    setting_up: SetUpDesk
    condition: ConditionDesk
    unsent: UnsentDesk
    shops: ShopDesk
    register: RegisterDesk
    imports: ImportDesk
    held: HeldDesk
    audit: AuditDesk
    approvals: ApprovalDesk
    terms: TermsDesk
    prices: PriceDesk
    customer_terms: CustomerTermsDesk
    selling: SellingDesk
    purses: PurseDesk
    proofs: ProofDesk
    debts: DebtDesk
    wishes: WishDesk
    tickets: TicketDesk
    promo_codes: PromoDesk
    on_account: OnAccountDesk
    credit_notes: CreditNoteDesk
    loyalty: LoyaltyDesk
    sales: SalesDesk
    revenue: RevenueDesk
    history: HistoryDesk
    badge_designs: BadgeDesignDesk
    printouts: PrintoutDesk
    replacements: ReplacementDesk
    displays: DisplayDesk
    visits: VisitDesk | None = None
    ticket_taking: TicketTakingDesk | None = None
    inquiry: InquiryDesk | None = None
    badges: BadgeDesk | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintManner:
    """How this till prints and what it shows its customers."""

    badge: BadgeManner = field(default_factory=BadgeManner)
    slips: PrintoutManner = field(default_factory=PrintoutManner)
    displays: tuple[CustomerDisplay, ...] = ()


def furnish(
    premises: Premises,
    *,
    pin_key: bytes,
    prints: PrintRoom | None = None,
    manner: PrintManner | None = None,
    ask: AskHeadOffice | None = None,
) -> Desks:
    """Set the desks up. `pin_key` is the chain's, from enrolment; it lives outside the database.

    `ask`: a till's way to head office.
    """
    lookup, edits = LookupDesk(premises), EditDesk(premises)
    manner = manner or PrintManner()
    badges = BadgeDesk(premises, lookup, prints, manner.badge) if prints is not None else None
    setting_up, operators = SetUpDesk(premises, pin_key=pin_key), OperatorDesk(premises, pin_key=pin_key)
    possession = Possession(premises, Sightings(), pin_key=pin_key)
    selling = SellingDesk(premises, Parties((LoyaltyParty(premises), possession, TicketParty(premises))))
    visits = None if premises.replica.identity.is_hub else VisitDesk(premises, selling)
    inquiry = InquiryDesk(premises, ask) if ask is not None else None
    tickets = TicketDesk(premises, inquiry)
    return Desks(
        lookup=lookup,
        glances=GlanceDesk(premises),
        edits=edits,
        members=(members := MemberDesk(premises, edits)),
        leaving=LeavingDesk(premises, edits),
        provenance=ProvenanceDesk(premises, edits),
        merging=MergingDesk(premises),
        alerts=AlertDesk(premises, edits, members),
        favourites=FavouriteDesk(premises),
        custom_fields=CustomFieldDesk(premises, edits),
        erasures=ErasureDesk(premises),
        policies=PolicyDesk(premises),
        operators=operators,
        scans=ScanDesk(premises, operators, possession),
        setting_up=setting_up,
        condition=ConditionDesk(premises),
        unsent=UnsentDesk(premises),
        shops=ShopDesk(premises),
        register=RegisterDesk(premises),
        imports=ImportDesk(premises),
        held=HeldDesk(premises),
        audit=AuditDesk(premises),
        approvals=ApprovalDesk(premises, operators),
        terms=TermsDesk(premises),
        prices=PriceDesk(premises),
        customer_terms=CustomerTermsDesk(premises),
        inquiry=inquiry,
        selling=selling,
        purses=PurseDesk(premises, possession),
        proofs=ProofDesk(premises, possession),
        debts=DebtDesk(premises),
        wishes=WishDesk(premises),
        tickets=tickets,
        ticket_taking=TicketTakingDesk(premises, tickets, visits, inquiry) if visits is not None else None,
        promo_codes=PromoDesk(premises),
        on_account=OnAccountDesk(premises),
        credit_notes=CreditNoteDesk(premises, possession),
        loyalty=LoyaltyDesk(premises),
        sales=SalesDesk(premises, selling, visits, inquiry),
        revenue=RevenueDesk(premises),
        history=HistoryDesk(premises),
        visits=visits,
        badges=badges,
        badge_designs=BadgeDesignDesk(premises, setting_up),
        printouts=PrintoutDesk(premises, lookup, prints, manner.slips),
        replacements=ReplacementDesk(premises, edits, badges),
        displays=DisplayDesk(lookup, manner.displays, manner.slips.tongue, premises.clock),
    )
