"""The form of a policy: a field for each thing that it says, and the value that somebody typed there. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, Final

from daemon.desk.policies import Policy
from daemon.domain.folding import fold
from daemon.domain.kinds import CHANNELS
from daemon.domain.policy_book import NPAI_ALERTS
from daemon.errors import OperatorMistake
from daemon.web.customer_view import CHANNEL_WORDS
from daemon.web.i18n import Words
from daemon.web.policy_view import ASKED_WORDS, MONEY, RATES, VALUE_WORDS, WHERE_WORDS
from daemon.web.terms_page import hundredths

_TEMPLATES: Final[Mapping[str, Mapping[str, Any]]] = {
    "expiry": {"months": None, "notice_days": None},
    "code_blocks": {"prefix": "", "digits": None, "size": None, "low": None, "first": None},
    "consent_wording": dict.fromkeys(CHANNELS, ""),
    "beyond_rights": {"mode": "refuse", "at_most": {"points": None}},
}
"""Policies that may say less than all of this: what is left empty is not said, and with nothing said they are null."""

_NULL: Final = frozenset({"expiry", "code_blocks"})
_CHOICES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("npai_alert", ""): NPAI_ALERTS,
    ("beyond_rights", "mode"): ("refuse", "at_risk", "manager"),
    ("proof", "beyond"): ("refuse", "manager"),
}
_YES_NO: Final = ("yes", "no")
_PREFIX: Final = "say."


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyField:
    """One field. `choices`: (value, label); none: it is typed. `label` is empty where the policy says one thing."""

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One thing that a policy says, and where in it."""

    path: tuple[str, ...]
    value: Any = field(repr=False)

    @property
    def dotted(self) -> str:
        return ".".join(self.path)


def form_of(policy: Policy, words: Words) -> tuple[PolicyField, ...]:
    """The fields of a policy as it holds."""
    return tuple(_field(policy.name, leaf, words) for leaf in _leaves(policy))


def value_of(policy: Policy, form: Mapping[str, str], words: Words) -> Any:
    """What was typed, as the API takes it; what the form does not have stays. Raises OperatorMistake for no number."""
    is_loose = policy.name in _TEMPLATES
    whole: dict[str, Any] = {}
    for leaf in _leaves(policy):
        typed = form.get(_PREFIX + leaf.dotted)
        said = leaf.value if typed is None else _read(policy.name, leaf, typed.strip(), words)
        if not leaf.path:
            return said
        if is_loose and said in (None, ""):
            continue
        place = whole
        for part in leaf.path[:-1]:
            place = place.setdefault(part, {})
        place[leaf.path[-1]] = said
    return None if not whole and policy.name in _NULL else whole


def _leaves(policy: Policy) -> Iterator[_Leaf]:
    value = _plain(policy.value)
    template = _TEMPLATES.get(policy.name)
    yield from _walk((), _merged(template, value) if template is not None else value)


def _walk(path: tuple[str, ...], value: Any) -> Iterator[_Leaf]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _walk((*path, name), one)
    else:
        yield _Leaf(path, value)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, Mapping) else value


def _merged(template: Mapping[str, Any], value: Any) -> dict[str, Any]:
    said = value if isinstance(value, Mapping) else {}
    return {
        name: _merged(one, said.get(name)) if isinstance(one, Mapping) else said.get(name, one)
        for name, one in template.items()
    }


def _field(policy: str, leaf: _Leaf, words: Words) -> PolicyField:
    label = " · ".join(_where(part, words) for part in leaf.path)
    choices = _choices(policy, leaf)
    value = _YES_NO[not leaf.value] if isinstance(leaf.value, bool) else leaf.value
    return PolicyField(
        name=_PREFIX + leaf.dotted,
        label=label,
        value=value if choices else _shown(leaf, words),
        choices=tuple((one, words.text(VALUE_WORDS.get(one, one))) for one in choices),
    )


def _choices(policy: str, leaf: _Leaf) -> tuple[str, ...]:
    return _YES_NO if isinstance(leaf.value, bool) else _CHOICES.get((policy, leaf.dotted), ())


def _where(name: str, words: Words) -> str:
    known = WHERE_WORDS.get(name) or CHANNEL_WORDS.get(name)
    return words.text(known) if known else name


def _shown(leaf: _Leaf, words: Words) -> str:
    value = leaf.value
    if isinstance(value, tuple | list):
        return ", ".join(words.text(ASKED_WORDS[one]) if one in ASKED_WORDS else one for one in value)
    if value is None or isinstance(value, str):
        return value or ""
    if _unit(leaf) in RATES | MONEY:
        return f"{value // 100},{value % 100:02}".removesuffix(",00")
    return str(value)


def _unit(leaf: _Leaf) -> str:
    return leaf.path[-1] if leaf.path else ""


def _read(policy: str, leaf: _Leaf, text: str, words: Words) -> Any:
    if isinstance(leaf.value, bool):
        return text == "yes"
    if isinstance(leaf.value, tuple | list):
        return [_field_name(part.strip(), words) for part in text.split(",") if part.strip()]
    if isinstance(leaf.value, str) or _choices(policy, leaf):
        return text
    if not text:
        return None
    if _unit(leaf) in RATES | MONEY:
        return hundredths(text.replace("%", ""), "value")
    plain = "".join(text.split())
    if not plain.isascii() or not plain.isdecimal():
        raise OperatorMistake("value: this is not a number", field="value")
    return int(plain)


def _field_name(typed: str, words: Words) -> str:
    """A field of a customer as it is called here, or in the API."""
    called = {fold(words.text(word)): name for name, word in ASKED_WORDS.items()}
    return called.get(fold(typed), typed)
