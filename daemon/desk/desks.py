"""All desks of one replica, introduced to each other."""

from dataclasses import dataclass

from daemon.desk.approvals import ApprovalDesk
from daemon.desk.audit_desk import AuditDesk
from daemon.desk.badges import BadgeDesk, BadgeManner
from daemon.desk.condition import ConditionDesk
from daemon.desk.edit import EditDesk
from daemon.desk.imports import ImportDesk
from daemon.desk.leaving import LeavingDesk
from daemon.desk.lookup import LookupDesk
from daemon.desk.member_desk import MemberDesk
from daemon.desk.merging import MergingDesk
from daemon.desk.operators import OperatorDesk
from daemon.desk.premises import Premises
from daemon.desk.print_room import PrintRoom
from daemon.desk.provenance import ProvenanceDesk
from daemon.desk.register import RegisterDesk
from daemon.desk.scan import ScanDesk
from daemon.desk.setting_up import SetUpDesk
from daemon.desk.shops import ShopDesk
from daemon.desk.visits import VisitDesk


@dataclass(frozen=True, kw_only=True, slots=True)
class Desks:
    """The desks; `visits` at a till only, `badges` where a printer is configured."""

    lookup: LookupDesk
    edits: EditDesk
    members: MemberDesk
    leaving: LeavingDesk
    provenance: ProvenanceDesk
    merging: MergingDesk
    operators: OperatorDesk
    scans: ScanDesk
    setting_up: SetUpDesk
    condition: ConditionDesk
    shops: ShopDesk
    register: RegisterDesk
    imports: ImportDesk
    audit: AuditDesk
    approvals: ApprovalDesk
    visits: VisitDesk | None = None
    badges: BadgeDesk | None = None


def furnish(
    premises: Premises, *, pin_key: bytes, prints: PrintRoom | None = None, badge: BadgeManner | None = None
) -> Desks:
    """Set the desks up. `pin_key` is the chain's, from enrolment; it lives outside the database."""
    lookup, edits = LookupDesk(premises), EditDesk(premises)
    operators = OperatorDesk(premises, pin_key=pin_key)
    return Desks(
        lookup=lookup,
        edits=edits,
        members=MemberDesk(premises, edits),
        leaving=LeavingDesk(premises, edits),
        provenance=ProvenanceDesk(premises, edits),
        merging=MergingDesk(premises),
        operators=operators,
        scans=ScanDesk(premises, operators),
        setting_up=SetUpDesk(premises, pin_key=pin_key),
        condition=ConditionDesk(premises),
        shops=ShopDesk(premises),
        register=RegisterDesk(premises),
        imports=ImportDesk(premises),
        audit=AuditDesk(premises),
        approvals=ApprovalDesk(premises, operators),
        visits=None if premises.replica.identity.is_hub else VisitDesk(premises),
        badges=BadgeDesk(premises, lookup, prints, badge or BadgeManner()) if prints is not None else None,
    )
