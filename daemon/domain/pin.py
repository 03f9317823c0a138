"""PINs and badge secrets: kept so that a stolen database is worth nothing without the chain's PIN key.

`scrypt(HMAC-SHA256(pin_key, purpose + secret), salt)`: the key is delivered at enrolment and lives outside the
database; four digits alone fall to any offline search, however slow the hash. One hash costs about 50 ms and 16 MiB:
call these in a thread.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from daemon.errors import OperatorMistake

PIN_DIGITS_MIN: Final = 4
PIN_DIGITS_MAX: Final = 12
SALT_BYTES: Final = 16
_N: Final = 2**14
_R: Final = 8
_P: Final = 1
_HASH_BYTES: Final = 32
_BLOCKS_MAX: Final = 2**20
"""n × r: 128 MiB."""
_P_MAX: Final = 4

FREE_TRIES: Final = 3
"""Wrong tries that cost nothing: fat fingers."""
_FIRST_WAIT_MS: Final = 2_000
WAIT_MS_MAX: Final = 15 * 60_000


def check_pin(pin: str, *, field: str = "pin") -> str:
    """The PIN if it may be one; raises OperatorMistake. Other secrets (badges) need no such check."""
    if not (pin.isascii() and pin.isdecimal() and PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX):
        raise OperatorMistake(f"{field}: a PIN has {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits", field=field)
    if len(set(pin)) == 1:
        raise OperatorMistake(f"{field}: a PIN of one repeated digit is the first that a thief tries", field=field)
    return pin


def check_chosen(pin: str, guessed: Iterable[str], *, field: str = "pin") -> str:
    """The PIN if a customer may choose it; raises OperatorMistake for one that a thief tries first.

    `guessed`: what the record says of the customer: the birthday, the end of a telephone or of the number on the card.
    """
    check_pin(pin, field=field)
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({1}, {9}):
        raise OperatorMistake(f"{field}: digits in a row are what a thief tries first", field=field)
    if len(pin) % 2 == 0 and len({pin[at : at + 2] for at in range(0, len(pin), 2)}) == 1:
        raise OperatorMistake(f"{field}: the same two digits again and again are what a thief tries first", field=field)
    if pin in set(guessed):
        raise OperatorMistake(f"{field}: this stands in the record or on the card: take another one", field=field)
    return pin


def key_id(pin_key: bytes) -> str:
    """Which key sealed something, in 8 hexadecimal digits that tell nothing else of it."""
    return hmac.digest(pin_key, b"key id", "sha256")[:4].hex()


def seal(secret: str, *, pin_key: bytes, salt: bytes) -> str:
    """`scrypt$16384$8$1$salt$hash$key`, to be stored; `salt` is `SALT_BYTES` random bytes, `key` names the key."""
    digest = _hash(secret, pin_key, salt, (_N, _R, _P))
    return "$".join(("scrypt", str(_N), str(_R), str(_P), _base64(salt), _base64(digest), key_id(pin_key)))


def is_foreign(sealed: str, *, pin_key: bytes) -> bool:
    """Whether this was sealed under another key: no secret can be held against it here, and none is wrong."""
    parts = sealed.split("$")
    return len(parts) == 7 and parts[6] != key_id(pin_key)


def verify(secret: str, sealed: str, *, pin_key: bytes) -> bool:
    """Whether `sealed` was made from this secret with this key, in a time that does not tell how nearly.

    A sealed text that is damaged, or asks for more than 128 MiB, fits no secret. Six parts name no key: as the first
    release sealed.
    """
    parts = sealed.split("$")
    if len(parts) not in (6, 7) or parts[0] != "scrypt" or is_foreign(sealed, pin_key=pin_key):
        return False
    try:
        n, r, p = int(parts[1]), int(parts[2]), int(parts[3])
        salt, expected = base64.b64decode(parts[4], validate=True), base64.b64decode(parts[5], validate=True)
        if not (n > 1 and r > 0 and n * r <= _BLOCKS_MAX and 0 < p <= _P_MAX and len(expected) == _HASH_BYTES):
            return False
        return hmac.compare_digest(_hash(secret, pin_key, salt, (n, r, p)), expected)
    except (ValueError, binascii.Error):
        return False


def badge_token(code: str, *, pin_key: bytes) -> bytes:
    """16 bytes by which an operator's badge is looked up; they tell nothing without the key."""
    return hmac.digest(pin_key, b"badge\x00" + code.encode("utf-8", "surrogatepass"), "sha256")[:16]


def wait_ms(wrong_tries: int, last_wrong_ms: int, now_ms: int) -> int:
    """How long the next try must still wait: nothing for three wrong ones, then 2 s doubling to 15 min.

    Never longer than the whole delay, however the clock jumped meanwhile. It ends by itself only where the last wrong
    one is not dated in the future: whoever keeps it dates it anew.
    """
    if wrong_tries < FREE_TRIES:
        return 0
    delay = min(WAIT_MS_MAX, _FIRST_WAIT_MS << min(wrong_tries - FREE_TRIES, 16))
    return max(0, min(delay, last_wrong_ms + delay - now_ms))


def _hash(secret: str, pin_key: bytes, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    peppered = hmac.digest(pin_key, b"pin\x00" + secret.encode("utf-8", "surrogatepass"), "sha256")
    return hashlib.scrypt(peppered, salt=salt, n=n, r=r, p=p, maxmem=130 * n * r + 2**20, dklen=_HASH_BYTES)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
