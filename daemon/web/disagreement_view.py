"""Values that met, as a person decides between them: what stands, what lost, who said it and where. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from daemon.desk import instant
from daemon.desk.provenance import Disagreement, FieldStory, Said, Why
from daemon.domain import phone as phones
from daemon.domain.ids import HUB_SITE
from daemon.domain.kinds import CHANNELS
from daemon.web.customer_view import CHANNEL_WORDS, FIELD_WORDS
from daemon.web.i18n import Words

PART_WORDS: Final = {"card": "Card", "note": "Note", "tag": "Tag", "address": "Further address"}
MORE_WORDS: Final = {
    "civility": "Civility",
    "preferred_channel": "Preferred channel",
    "archived": "Archived",
    "blocked": "Blocked",
    "deleted": "Deleted",
    "price_list": "Price list",
    "principal_group": "Group",
    "customer_type": "Customer type",
    "discount": "Discount",
    "tax_category": "Tax category",
    "account_number": "Account number",
    "on_account": "On account",
    "bad_address": "Mail to the address comes back",
}
"""Message ids of fields that only this page names."""

SAID_WORDS: Final = {"granted": "yes", "refused": "no", "yes": "yes", "no": "no"}
ESSENTIAL: Final = {"card": ("number", "state"), "note": ("text",), "tag": ("tag",), "address": ("address",)}
"""Of what belongs to a customer, the fields that a person reads."""

INSIDE: Final = frozenset({"account", "walk_in_of", "profile", "pin", "bad_address", "kind", "on_account"})
"""Fields that say nothing to a person."""

SHORT_MAX: Final = 16
HOME: Final = "FR"
"""The country that an address of the chain does not say."""
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """A value as somebody gave it: `where` is empty for this till."""

    id: str
    value: str = field(repr=False)
    short: str = field(repr=False)
    by: str
    where: str
    at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Met:
    """Two values that met; `label` is what the field is called, in the language of the page."""

    field: str
    member: str | None
    label: str
    standing: Spoken
    lost: Spoken


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Why one field says what it says."""

    label: str
    standing: Spoken
    replaced: Spoken | None
    met: tuple[Met, ...]


def met_of(why: Why, words: Words, here: int) -> tuple[Met, ...]:
    """What a person has to decide; `here` is the site that asks."""
    return tuple(met for story in why.fields for met in _met(story, words, here))


def met_in(one: Disagreement, words: Words, here: int) -> Met:
    """A line of the inbox; what was removed while somebody changed it stands as removed, under an empty id."""
    gone = Said(id="", value=words.text("removed"), by="", site=here, shop=0, till="", at="")
    story = FieldStory(
        field=one.field,
        part=one.part,
        member=one.member,
        standing=one.standing or gone,
        before="forgotten",
        replaced=None,
        lost=(one.lost,),
        label=one.label,
    )
    return next(_met(story, words, here))


def told_of(why: Why, words: Words, here: int) -> tuple[Told, ...]:
    """The whole story, as far as it says anything to a person."""
    return tuple(
        Told(
            label=story.label or label_of(story.part, story.field, words),
            standing=_spoken(story, story.standing, words, here),
            replaced=_spoken(story, story.replaced, words, here) if story.replaced is not None else None,
            met=tuple(_met(story, words, here)),
        )
        for story in why.fields
        if story.field in ESSENTIAL.get(story.part, (story.field,))
        and story.field not in INSIDE
        and (story.standing.value or story.replaced or story.lost)
    )


def place_of(site: int, words: Words) -> str:
    """What a site without a name is called."""
    return words.text("Head office") if site == HUB_SITE else words.text("Till %(site)s", site=site)


def label_of(part: str, name: str, words: Words) -> str:
    """What a field is called: of a card or a note, by what it is of."""
    if part in PART_WORDS:
        return words.text(PART_WORDS[part])
    channel = name.removeprefix("consent_")
    known = CHANNEL_WORDS.get(channel) if channel in CHANNELS and channel != name else None
    return words.text(known or FIELD_WORDS.get(name) or MORE_WORDS.get(name) or name)


def _met(story: FieldStory, words: Words, here: int) -> Iterator[Met]:
    standing = _spoken(story, story.standing, words, here)
    for one in story.lost:
        lost = _spoken(story, one, words, here)
        kept, other = apart(standing.value, lost.value)
        yield Met(
            field=story.field,
            member=story.member,
            label=story.label or label_of(story.part, story.field, words),
            standing=_shortened(standing, kept),
            lost=_shortened(lost, other),
        )


def apart(one: str, other: str) -> tuple[str, str]:
    """Two values so short that a button holds them, and so long that they can be told apart: `…90`, `…09`."""
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if same < 6:
        return _cut(one), _cut(other)
    since = max(one.rfind(" ", 0, same) + 1, same - 3)
    return f"…{_cut(one[since:])}", f"…{_cut(other[since:])}"


def _cut(text: str) -> str:
    return text if len(text) <= SHORT_MAX else f"{text[: SHORT_MAX - 1].rstrip()}…"


def _shortened(spoken: Spoken, short: str) -> Spoken:
    return Spoken(id=spoken.id, value=spoken.value, short=short, by=spoken.by, where=spoken.where, at_ms=spoken.at_ms)


def value_words(part: str, name: str, value: str, words: Words, named: Mapping[str, str] = NOTHING) -> str:
    """A stored value in one line, as a person says it; `named`: what ids stand for."""
    if name in {"mobile", "phone"} and value.startswith("+"):
        return phones.national(value)
    if name == "birthday" and value:
        return _day(value, words)
    if name == "address":
        return value.removesuffix(f" {HOME}")
    if name == "discount" and value.isdecimal():
        return words.rate(int(value))
    head, colon, reason = value.partition(": ")
    if part == "customer" and head in SAID_WORDS:
        return words.text(SAID_WORDS[head]) + (f" : {reason}" if colon else "")
    return named.get(value, value)


def _spoken(story: FieldStory, said: Said, words: Words, here: int) -> Spoken:
    value = value_words(story.part, story.field, said.value or "", words)
    return Spoken(
        id=said.id,
        value=value,
        short=value,
        by=words.author(said.by),
        where="" if said.site == here else said.till or place_of(said.site, words),
        at_ms=instant.parse(said.at, field="at") if said.at else 0,
    )


def _day(value: str, words: Words) -> str:
    """A birthday as it is stored, in one line: `1980 5 17`, `5 17`."""
    *year, month, day = value.split()
    try:
        return words.date(f"{year[0] if year else '-'}-{int(month):02}-{int(day):02}")
    except (ValueError, IndexError):
        return value
