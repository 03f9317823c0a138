"""PINs and badge secrets: kept so that a stolen database is worth nothing without the chain's PIN key.

`scrypt(HMAC-SHA256(pin_key, purpose + secret), salt)`: the key is delivered at enrolment and lives outside the
database; four digits alone fall to any offline search, however slow the hash. One hash costs about 50 ms and 16 MiB:
call these in a thread.
"""

import base64
import binascii
import hashlib
import hmac
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


def seal(secret: str, *, pin_key: bytes, salt: bytes) -> str:
    """`scrypt$16384$8$1$salt$hash`, to be stored; `salt` is `SALT_BYTES` random bytes."""
    digest = _hash(secret, pin_key, salt, (_N, _R, _P))
    return "$".join(("scrypt", str(_N), str(_R), str(_P), _base64(salt), _base64(digest)))


def verify(secret: str, sealed: str, *, pin_key: bytes) -> bool:
    """Whether `sealed` was made from this secret with this key, in a time that does not tell how nearly.

    A sealed text that is damaged, or asks for more than 128 MiB, fits no secret.
    """
    parts = sealed.split("$")
    if len(parts) != 6 or parts[0] != "scrypt":
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

    Never longer than the whole delay, however the clock jumped meanwhile.
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
