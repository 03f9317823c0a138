"""What the doctor says of the audit trail: unbroken, or from which act on it was tampered with."""

from collections.abc import Iterator

from daemon.cli import moments
from daemon.cli.check import Check, failed, ok, skipped
from daemon.cli.check_machine import Examined
from daemon.cli.words import _, counted
from daemon.domain.audit import key_from
from daemon.errors import ComptoirError
from daemon.head_office.founding import KEYS
from daemon.hub import chain_keys
from daemon.store import audit
from daemon.store.database import Connection
from daemon.sync import identity as enrolled


def examine_trail(conn: Connection, found: Examined) -> Iterator[Check]:
    """Hold the trail against its links, under the key that lies outside the database."""
    try:
        pin_key = _pin_key(found)
    except (ComptoirError, OSError):
        yield skipped("audit", _("the audit trail was not read: its key could not be"), "sudo comptoir doctor")
        return
    if pin_key is None:
        return
    verdict = audit.verdict(conn, key_from(pin_key))
    if verdict.broken_at is not None:
        said = _("the audit trail does not fit from act {number} on: somebody changed, added or removed acts")
        yield failed("audit", said.format(number=verdict.broken_at), _("keep a copy of the state directory, ask who"))
        return
    said = counted("{n} act in the audit trail, unbroken", "{n} acts in the audit trail, unbroken", verdict.count)
    since = _("since {moment}").format(moment=moments.day_of_ms(verdict.since_ms)) if verdict.count else ""
    yield ok("audit", " ".join(filter(None, (said, since))))


def _pin_key(found: Examined) -> bytes | None:
    if found.role == "till":
        who = enrolled.load_identity(found.state)
        return who.pin_key if who is not None else None
    return chain_keys.read_pin_key(found.state / KEYS)
