"""What the doctor says at head office of its tills: what waits for somebody who knows what became of a box."""

from collections.abc import Iterator

from daemon.cli import moments
from daemon.cli.check import Check, warning
from daemon.cli.words import _
from daemon.store import enrolments, holders
from daemon.store.database import Connection


def examine_fleet(conn: Connection) -> Iterator[Check]:
    """The tills of this head office."""
    former = holders.all_former(conn)
    for till in enrolments.sites(conn) if former else ():
        since_ms = former.get(int(till.site))
        if since_ms is None or till.revoked_ms is not None:
            continue
        said = _("till {site} is another box since {moment}; what the former one could spend waits")
        gesture = _("once you know that the former box is gone: comptoir hub write-off {site}")
        told = said.format(site=till.site, moment=moments.moment_of_ms(since_ms))
        yield warning("former-box", told, gesture.format(site=till.site))
