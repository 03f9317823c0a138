"""What a credit note states, and the account that its money hangs on: both follow from the return that it is for."""

from daemon.domain.canonical import digest8
from daemon.domain.ids import EntityId


def fact_of_return(back: bytes) -> bytes:
    """The id of the one credit note that a return, or a cancellation, may have."""
    return digest8(b"credit note/" + back)


def account_of_note(fact: bytes) -> EntityId:
    """The account of a credit note."""
    return EntityId(digest8(b"credit note/account/" + fact))
