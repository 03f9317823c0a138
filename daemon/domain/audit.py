"""The audit trail: who did what here, in a chain that shows whether somebody has changed, removed or added an act.

Each act is linked to the one before under a key that lies outside the database: whoever holds the file alone cannot
link anew. Who holds the key as well cannot take back what was told to head office, which keeps links of this trail
(`Witness`). An act names nobody: an operator or a program by its id, a customer by the hash of the id.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.domain.canonical import pack
from daemon.domain.change import Actor, Operation, Verb
from daemon.domain.element import tombstone_key
from daemon.domain.kind_shape import Rule
from daemon.domain.kinds import Kind, shape_of

NO_LINK: Final = bytes(16)
"""Where a trail starts."""

WITNESS_STEPS: Final = (1, 64, 1024, 16_384, 262_144)
"""A till tells head office its last act, and the last ones whose numbers these divide."""

_VERBS: Final = {
    Verb.CREATE: "create",
    Verb.SET: "change",
    Verb.ADD: "add",
    Verb.REMOVE: "remove",
    Verb.ERASE: "erase",
}
_WORDS_MAX: Final = 6
"""Kinds named in one act; an import touches many customers, but few kinds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Something that somebody did. `about`: the hash of the customer's id, or nothing; `record`: what was saved."""

    n: int
    at_ms: int
    actor: Actor
    what: str
    about: bytes = b""
    record: tuple[bytes, int] | None = None
    """Boot and number of the record that was saved with it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a trail: the number of an act, and the link there."""

    n: int = 0
    link: bytes = NO_LINK


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a look at the whole trail found: how many acts, since when, up to where; the first act that does not fit."""

    count: int
    since_ms: int
    head: Place
    broken_at: int | None = None


def key_from(pin_key: bytes) -> bytes:
    """The key of a trail, from the chain's PIN key, which lies outside the database."""
    return hmac.digest(pin_key, b"audit trail", "sha256")


def link_of(key: bytes, before: bytes, act: Act) -> bytes:
    """The link of an act: 16 bytes of HMAC-SHA256 over the link before and all that the act says."""
    actor = (int(act.actor.kind), act.actor.id, act.actor.role, act.actor.shop)
    said = pack((act.n, act.at_ms, actor, act.what, act.about, act.record))
    return hmac.digest(key, before + said, "sha256")[:16]


def examine(key: bytes, start: Place, acts: Iterable[tuple[Act, bytes]], end: Place) -> Verdict:
    """Hold a trail against its links: from where older acts were let go (`start`) to where it says it ends."""
    place, count, since_ms = start, 0, 0
    for act, link in acts:
        if act.n != place.n + 1 or not hmac.compare_digest(link_of(key, place.link, act), link):
            return Verdict(count=count, since_ms=since_ms, head=place, broken_at=place.n + 1)
        place, count, since_ms = Place(act.n, link), count + 1, since_ms or act.at_ms
    broken_at = None if place == end else place.n + 1
    return Verdict(count=count, since_ms=since_ms, head=place, broken_at=broken_at)


def described(operations: Sequence[Operation]) -> tuple[str, bytes]:
    """What a record does, in words that name nobody, and whom it is about (the hash of the first entity's id)."""
    words: dict[str, None] = {}
    for op in operations:
        shape = shape_of(op.kind)
        kind = Kind(shape.kind).name.lower() if shape else f"kind {op.kind}"
        verb = "book" if shape and shape.rule is Rule.ENTRY else _VERBS.get(Verb(op.verb), "change")
        words[f"{kind} {verb}" if op.kind != Kind.ERASE else "erase"] = None
    said = list(words)
    more = f" and {len(said) - _WORDS_MAX} more" if len(said) > _WORDS_MAX else ""
    return ", ".join(said[:_WORDS_MAX]) + more, tombstone_key(operations[0].entity)[0] if operations else b""


def told_places(last: int) -> tuple[int, ...]:
    """The numbers of the acts whose links are told to head office, when `last` is the number of the last one."""
    return tuple(sorted({last - last % step for step in WITNESS_STEPS} - {0}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """What head office knows of the trail of one till: links by number, and the first that was told otherwise."""

    known: dict[int, bytes]
    changed_at: int | None = None


def after_telling(witness: Witness, told: Sequence[Place]) -> Witness:
    """What head office knows after a till has told some places of its trail.

    A place that was told otherwise before, or a trail that ends before it once did, was changed: by somebody, or by an
    old image of the disk. It stays so until an operator has looked.
    """
    if not told:
        return witness
    last = max(place.n for place in told)
    differing = [place.n for place in told if witness.known.get(place.n, place.link) != place.link]
    if max(witness.known, default=0) > last:
        differing.append(last + 1)
    changed_at = witness.changed_at if witness.changed_at is not None else min(differing, default=None)
    known = witness.known | {place.n: place.link for place in told if place.n not in witness.known}
    return Witness(known=_thinned(known), changed_at=changed_at)


def _thinned(known: dict[int, bytes]) -> dict[int, bytes]:
    """The last place, and of the others those that will be told again."""
    last = max(known, default=0)
    return {n: link for n, link in known.items() if n == last or n in told_places(last) or n % WITNESS_STEPS[-1] == 0}
