"""What holds for every contactless card, whoever reads it: numbers that are made up, and cards that pay. Pure.

ISO/IEC 14443-3 gives single-size numbers that start with 08 to cards that draw another at every tap; DESFire cards set
to random numbers draw one that starts with 80. EMV Book B: a card for paying, and a telephone that pays, answers SELECT
of the payment environment `2PAY.SYS.DDF01`.
"""

from typing import Final

from daemon.domain.code import ScannedCode
from daemon.drivers.device import Refusal

SELECT_PAYMENT: Final = bytes.fromhex("00 A4 04 00 0E") + b"2PAY.SYS.DDF01" + b"\x00"

_SINGLE_SIZE: Final = 4
_SIZES: Final = frozenset({4, 7, 8, 10})
"""Of ISO/IEC 14443-3 (single, double, triple) and ISO/IEC 15693 (8)."""

_PAYS: Final = frozenset({0x61, 0x62, 0x90})
"""First status byte of a payment environment that is there: more to come, blocked, well."""


def answers_payment(response: bytes) -> bool:
    """Whether a response to SELECT_PAYMENT comes from a card for paying."""
    return len(response) >= 2 and response[-2] in _PAYS


def card_of(uid: bytes, *, is_smart: bool) -> ScannedCode | Refusal:
    """The card with this number; `is_smart`: it speaks ISO/IEC 14443-4, as DESFire does."""
    if len(uid) not in _SIZES:
        return Refusal.NO_NUMBER
    if len(uid) == _SINGLE_SIZE and (uid[0] == 0x08 or (is_smart and uid[0] == 0x80)):
        return Refusal.RANDOM_NUMBER
    return ScannedCode(text=uid.hex().upper(), symbology=None)
