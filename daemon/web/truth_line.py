"""The one line that says where an edit stands: here, on its way, or at head office. Pure."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from daemon.desk import instant
from daemon.desk.condition import FillShown, LinkShown
from daemon.desk.search_answer import CopyAge
from daemon.domain.clock_doubt import ClockDoubt
from daemon.web.i18n import Words

LATE_MS: Final = 60_000
"""What waits for longer, although the line is up, is worth a look."""

BEHIND: Final = 100
"""From so many records on a till says that it is catching up: fewer are on their way all day long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TruthLine:
    """The pill of the top bar: `state` decides colour and icon, `sentence` says it in words."""

    state: Literal["ok", "waiting", "late", "off", "full", "device"]
    sentence: str
    since: str = ""
    """Of when the balances are that are shown, while the line is down."""


def truth_line(
    copy: CopyAge, link: LinkShown | None, words: Words, now_ms: int, *, is_hub: bool, is_full: bool = False
) -> TruthLine:
    """What is told of the line to head office (at head office: to the broker) and of what waits for it."""
    since_ms = _ms(link.since) if link is not None else 0
    if is_full:
        return TruthLine(state="full", sentence=words.text("Disk full: nothing can be saved"))
    if link is not None and not link.online:
        since = words.moment(since_ms, now_ms) if since_ms else ""
        return TruthLine(
            state="off", sentence=_offline(copy.waiting, since_ms, words, now_ms, is_hub=is_hub), since=since
        )
    if link is not None and link.fill is not None and link.fill.history is None:
        return TruthLine(state="waiting", sentence=filling(link.fill, words))
    if link is not None and link.is_unequal:
        return TruthLine(state="late", sentence=words.text("Not equal to head office: being repaired"))
    if link is not None and link.behind >= BEHIND:
        catching_up = words.text("Catching up: %(num)s changes to receive", num=words.number(link.behind))
        return TruthLine(state="waiting", sentence=catching_up)
    if link is not None and link.fill is not None and not copy.waiting:
        return TruthLine(state="waiting", sentence=filling(link.fill, words))
    if is_hub or not copy.waiting:
        return TruthLine(state="ok", sentence=words.text("In service") if is_hub else words.text("Up to date"))
    waiting_ms = _ms(copy.waiting_since)
    since = words.moment(waiting_ms, now_ms) if waiting_ms else words.text("just now")
    sentence = words.counted(
        "Saved here · %(num)s to send since %(since)s",
        "Saved here · %(num)s to send since %(since)s",
        copy.waiting,
        since=since,
    )
    late = bool(waiting_ms) and now_ms - waiting_ms > LATE_MS
    return TruthLine(state="late" if late else "waiting", sentence=sentence)


def with_device(truth: TruthLine, fault: str) -> TruthLine:
    """The same, where a reader does not work: beside what else is to be said, in place of good news."""
    if not fault:
        return truth
    if truth.state == "ok":
        return replace(truth, state="device", sentence=fault)
    state = truth.state if truth.state in {"off", "full"} else "device"
    return replace(truth, state=state, sentence=f"{fault} · {truth.sentence}")


def with_clock(truth: TruthLine, doubt: ClockDoubt | None, words: Words) -> TruthLine:
    """The same, where the machine's clock is wrong or unconfirmed: in place of good news, and beside what is told."""
    if doubt is None:
        return truth
    told = clock_told(doubt, words)
    if truth.state == "ok":
        return replace(truth, state="late", sentence=told)
    state = truth.state if truth.state in {"off", "full", "device"} else "late"
    return replace(truth, state=state, sentence=f"{truth.sentence} · {told}")


def clock_told(doubt: ClockDoubt, words: Words) -> str:
    """`Clock 3 h 05 behind`."""
    match doubt.kind:
        case "never_set":
            return words.text("Clock never set")
        case "behind":
            return words.text("Clock %(gap)s behind", gap=words.duration(doubt.ms // 1000))
        case "ahead":
            return words.text("Clock %(gap)s ahead", gap=words.duration(doubt.ms // 1000))
        case "unconfirmed":
            return words.text("Time not confirmed for %(gap)s", gap=words.duration(doubt.ms // 1000))


def filling(fill: FillShown, words: Words) -> str:
    """`Filling: 412,000 of 1,000,000 records`; `Sales history: 40 %` of the second pass."""
    if fill.history is not None:
        part = 100 * fill.history.rows // max(fill.history.total, 1)
        return words.text("Sales history: %(part)s %%", part=part)
    return words.text(
        "Filling: %(rows)s of %(total)s records", rows=words.number(fill.rows), total=words.number(fill.total)
    )


def _offline(waiting: int, since_ms: int, words: Words, now_ms: int, *, is_hub: bool) -> str:
    since = words.moment(since_ms, now_ms) if since_ms else ""
    if is_hub:
        return words.text("Broker away since %(since)s", since=since) if since else words.text("Broker away")
    head = words.text("Offline since %(since)s", since=since) if since else words.text("Offline")
    tail = words.counted("%(num)s to send", "%(num)s to send", waiting) if waiting else ""
    return f"{head}, {tail}" if tail else head


def _ms(text: str | None) -> int:
    return instant.parse(text, field="since") if text else 0
