"""What head office keeps and tills read: groups, types, price lists, products."""

from daemon.desk.premises import Premises
from daemon.errors import Forbidden


def refuse_at_tills(premises: Premises, what: str) -> None:
    """Raise Forbidden at a till: what head office keeps has one author, so that shops never disagree about it."""
    if not premises.replica.identity.is_hub:
        raise Forbidden(f"{what} are kept by head office: change them there")
