"""E-mail addresses: kept as typed, compared in one normal form, checked by their syntax alone.

The rule is narrower than RFC 5321: what a shop's customers have, and what mail servers accept from anybody. Nobody is
asked whether the domain exists: a till has no network.
"""

import re
from dataclasses import dataclass
from typing import Final

from daemon.errors import OperatorMistake

_LENGTH_MAX: Final = 254
_LOCAL_LENGTH_MAX: Final = 64
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_TOP_LEVEL: Final = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9]")
_USUAL: Final = re.compile(
    rf"({_LOCAL.pattern})@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.)+[A-Za-z]{{2,63}}"
)
"""How nearly everybody writes one: what is so, and not too long, `parse` takes as it stands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailAddress:
    """One address: `typed` to show and to send to, `key` to find its owner."""

    typed: str
    key: str


def parse(text: str, *, field: str = "email") -> MailAddress:
    """The address; raises OperatorMistake.

    The key has lower case on both sides (no known provider tells letters' case apart) and the domain in ASCII.
    Dots and `+tag` stay: they are other mailboxes at most providers.
    """
    typed = text.strip()
    local, at, domain = typed.rpartition("@")
    reason = _wrong_outside(typed, local, at) or _wrong_local(local)
    if reason:
        raise OperatorMistake(f"{field}: {reason}", field=field)
    ascii_domain = _ascii_domain(domain)
    if ascii_domain is None or len(local) + 1 + len(ascii_domain) > _LENGTH_MAX:
        raise OperatorMistake(f"{field}: what follows the @ of the e-mail address is no domain name", field=field)
    return MailAddress(typed=typed, key=f"{local.lower()}@{ascii_domain}")


def key_of(text: str) -> str | None:
    """The normal form of a typed text, or None when it is no address; for search and import."""
    usual = _USUAL.fullmatch(text)
    if usual and usual.end(1) <= _LOCAL_LENGTH_MAX and len(text) <= _LENGTH_MAX:
        return text.lower()
    try:
        return parse(text).key
    except OperatorMistake:
        return None


def _wrong_outside(typed: str, local: str, at: str) -> str:
    if not typed:
        return "the e-mail address is empty"
    if len(typed) > _LENGTH_MAX:
        return f"an e-mail address has at most {_LENGTH_MAX} characters"
    if not at:
        return "the e-mail address has no @"
    if "@" in local:
        return "an e-mail address has one @"
    if len(typed.split()) > 1:
        return "an e-mail address has no space"
    return ""


def _wrong_local(local: str) -> str:
    if not local:
        return "nothing stands before the @ of the e-mail address"
    if not local.isascii():
        return "an e-mail address has no accent before the @"
    if len(local) > _LOCAL_LENGTH_MAX:
        return f"at most {_LOCAL_LENGTH_MAX} characters stand before the @ of an e-mail address"
    if not _LOCAL.fullmatch(local):
        return "a sign or a dot before the @ of the e-mail address is not possible there"
    return ""


def _ascii_domain(domain: str) -> str | None:
    """`müller.example` → `xn--mller-kva.example`; None when it is no domain of at least two labels."""
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    labels = domain.lower().split(".")
    if len(labels) < 2 or not _TOP_LEVEL.fullmatch(labels[-1]):
        return None
    return ".".join(labels) if all(_LABEL.fullmatch(label) for label in labels) else None
