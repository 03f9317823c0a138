"""Numbers for the cards that a till prints itself: EAN-13 of the chain's own prefix, apart for every till."""

from typing import Final

from daemon.domain.code import gtin_check_digit
from daemon.domain.kind_shape import Claim
from daemon.errors import Conflicting
from daemon.store.customers import owners_of
from daemon.store.database import Connection
from daemon.store.replica import Replica, get_meta, put_meta

COUNTED: Final = "card_number"
_SITE_DIGITS: Final = 4
_COUNT_DIGITS_MIN: Final = 4


def next_card_number(conn: Connection, replica: Replica, prefix: str) -> str:
    """A card number that no other till gives: the prefix, four digits of the site, a count, the check digit.

    A number that somebody here has already is passed over. Raises Conflicting where the prefix leaves no room.
    """
    room = 12 - len(prefix) - _SITE_DIGITS
    if room < _COUNT_DIGITS_MIN or replica.identity.site >= 10**_SITE_DIGITS:
        raise Conflicting(
            f"number: the card prefix {prefix} leaves no room for new numbers: scan a card", field="number"
        )
    count = int(get_meta(conn, COUNTED, 0))
    while True:
        count += 1
        if count >= 10**room:
            raise Conflicting("number: this till has given all its card numbers: scan a card", field="number")
        body = f"{prefix}{replica.identity.site:0{_SITE_DIGITS}d}{count:0{room}d}"
        number = body + gtin_check_digit(body)
        if not owners_of(conn, Claim.CARD, number):
            put_meta(conn, COUNTED, count)
            return number
