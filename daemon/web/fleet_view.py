"""The tills as head office sees them: a sentence above, a row for each; the unknown is said to be unknown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from daemon.desk import instant
from daemon.domain import disk_room
from daemon.domain.site_row import CONFLICTS_TOLD_MAX
from daemon.web.i18n import Words
from daemon.web.parts import FarDevice, TillShown

SKEW_MS: Final = 2_000
"""A clock that is less wrong than this is right enough for edits to be compared."""

_NEEDS_SOMEBODY: Final = frozenset({"absent", "error", "held"})

ROLE_WORDS: Final = {"reader": "Reader", "printer": "Printer", "display": "Customer display", "drawer": "Cash drawer"}
STATE_WORDS: Final = {
    "connecting": "Connecting",
    "up": "Working",
    "absent": "Unplugged",
    "error": "At fault",
    "held": "Waits for a gesture",
}
"""Message ids."""

TillState = Literal["ok", "behind", "off", "never", "fenced", "revoked"]

_ORDER: Final[dict[TillState, int]] = {"fenced": 0, "off": 1, "behind": 2, "never": 3, "ok": 4, "revoked": 5}


@dataclass(frozen=True, kw_only=True, slots=True)
class TillRow:
    """One till. Texts are ready to be shown; `unknown` figures are None."""

    site: int
    shop: int
    label: str
    state: TillState
    behind: int | None
    waiting: int | None
    heard: str
    version: str
    clock: str
    is_clock_wrong: bool
    devices: str
    are_devices_wrong: bool
    proved: str
    """When its copy was last compared and equal; empty where that is not known, or was never so."""
    otherwise: str
    """What was found not to be equal until then."""
    conflicts: str
    are_conflicts: bool
    disk: str
    is_disk_low: bool
    former: str = ""
    """Since when it is another box, where what the former one could spend still waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceRow:
    """One device of a till, as it was last told; `used` is when it last read, printed or showed something."""

    id: str
    till: str
    device: str
    role: str
    state: str
    is_wrong: bool
    used: str
    bad_frames: int
    suppressed: int
    reconnects: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Fleet:
    """All tills, the ones to look at first, and the sentence that sums them up; their devices likewise."""

    title: str
    beneath: str
    rows: tuple[TillRow, ...]
    devices: tuple[DeviceRow, ...]


def fleet_of(tills: Sequence[TillShown], words: Words, now_ms: int) -> Fleet:
    """The fleet now."""
    rows = sorted((_row(till, words, now_ms) for till in tills), key=lambda row: (_ORDER[row.state], row.site))
    serving = [row for row in rows if row.state != "revoked"]
    good = sum(row.state == "ok" for row in serving)
    told = {till.site: till.devices or () for till in tills if not till.revoked}
    devices = [_device(row, at, one, words, now_ms) for row in serving for at, one in enumerate(told[row.site])]
    return Fleet(
        title=_title(good, len(serving), words),
        beneath=_beneath(serving, words),
        rows=tuple(rows),
        devices=tuple(sorted(devices, key=lambda one: not one.is_wrong)),
    )


def _device(till: TillRow, place: int, told: FarDevice, words: Words, now_ms: int) -> DeviceRow:
    used_ms = instant.parse(told.last_read_at, field="last_read_at") if told.last_read_at else 0
    return DeviceRow(
        id=f"{till.site}-{place}",
        till=till.label,
        device=told.device,
        role=words.text(ROLE_WORDS[told.role]),
        state=words.text(STATE_WORDS.get(told.state, told.state)),
        is_wrong=told.state in _NEEDS_SOMEBODY,
        used=words.moment(used_ms, now_ms) if used_ms else "",
        bad_frames=told.bad_frames,
        suppressed=told.suppressed,
        reconnects=told.reconnects,
    )


def _title(good: int, all_: int, words: Words) -> str:
    if not all_:
        return words.text("No till is enrolled yet")
    if good == all_:
        return words.text("All is up to date")
    return words.counted(
        "%(num)s till of %(all)s up to date", "%(num)s tills of %(all)s up to date", good, all=words.number(all_)
    )


def _beneath(rows: Sequence[TillRow], words: Words) -> str:
    """What is wrong, the first three by name."""
    if not rows:
        return words.text("Run comptoir hub add-till on this machine, then comptoir till enrol at the till.")
    wrong = [_trouble(row, words) for row in rows if row.state != "ok"]
    wrong += [
        words.text("%(till)s has little room left on its disk: %(room)s free.", till=row.label, room=row.disk)
        for row in rows
        if row.is_disk_low
    ]
    wrong += [
        words.text(
            "%(till)s is another box since %(when)s; what the former one could spend waits to be written off.",
            till=row.label,
            when=row.former,
        )
        for row in rows
        if row.former
    ]
    if not wrong:
        return words.counted(
            "%(num)s till, all equal to head office.", "%(num)s tills, all equal to head office.", len(rows)
        )
    more = words.counted("And %(num)s more.", "And %(num)s more.", len(wrong) - 3) if len(wrong) > 3 else ""
    return " ".join([*wrong[:3], more]).strip()


def _trouble(row: TillRow, words: Words) -> str:
    match row.state:
        case "off":
            return words.text("%(till)s is offline, last heard %(when)s.", till=row.label, when=row.heard)
        case "fenced":
            return words.text("Two boxes run as %(till)s: take one away or enrol it anew.", till=row.label)
        case "behind":
            return words.text("%(till)s is catching up.", till=row.label)
        case _:
            return words.text("%(till)s has never connected.", till=row.label)


def _row(till: TillShown, words: Words, now_ms: int) -> TillRow:
    heard_ms = instant.parse(till.heard_at, field="heard_at") if till.heard_at else 0
    proved_ms = instant.parse(till.proved_at, field="proved_at") if till.proved_at else 0
    skew, conflicts, free = till.clock_ahead_ms, till.conflicts, till.disk_free_bytes
    return TillRow(
        site=till.site,
        shop=till.shop,
        label=till.label or words.text("Till %(site)s", site=till.site),
        state=_state(till),
        behind=till.behind,
        waiting=till.waiting,
        heard=_heard(heard_ms, till, words, now_ms),
        version=till.version or "",
        clock="" if skew is None else _skew(skew, words),
        is_clock_wrong=skew is not None and abs(skew) >= SKEW_MS,
        devices=_devices(till, words),
        are_devices_wrong=any(device.state in _NEEDS_SOMEBODY for device in till.devices or ()),
        proved=words.ago(proved_ms, now_ms) if proved_ms else "",
        otherwise=words.counted("%(num)s row was otherwise", "%(num)s rows were otherwise", till.otherwise)
        if till.otherwise
        else "",
        conflicts="" if conflicts is None else _conflicts(conflicts, words),
        are_conflicts=bool(conflicts),
        disk="" if free is None else words.size(free),
        is_disk_low=disk_room.is_low(free),
        former=words.moment(instant.parse(till.former_box_since, field="former_box_since"), now_ms)
        if till.former_box_since and not till.revoked
        else "",
    )


def _conflicts(count: int, words: Words) -> str:
    number = words.number(min(count, CONFLICTS_TOLD_MAX))
    return words.text("%(num)s or more", num=number) if count >= CONFLICTS_TOLD_MAX else number


def _devices(till: TillShown, words: Words) -> str:
    """Those that need somebody by name, else how many work; empty where the till has told nothing."""
    if till.devices is None:
        return ""
    wrong = [device.device for device in till.devices if device.state in _NEEDS_SOMEBODY]
    if wrong:
        return words.text("Look at %(devices)s", devices=", ".join(wrong))
    if not till.devices:
        return words.text("none")
    return words.counted("%(num)s works", "%(num)s work", len(till.devices))


def _state(till: TillShown) -> TillState:
    if till.revoked:
        return "revoked"
    if till.fenced_since:
        return "fenced"
    if till.heard_at is None and not till.online:
        return "never"
    if not till.online:
        return "off"
    return "behind" if till.behind or till.waiting else "ok"


def _heard(heard_ms: int, till: TillShown, words: Words, now_ms: int) -> str:
    if not heard_ms:
        return words.text("just now") if till.online else ""
    if now_ms - heard_ms < 60_000:
        return words.text("just now")
    return f"{words.moment(heard_ms, now_ms)}, {words.ago(heard_ms, now_ms)}"


def _skew(skew_ms: int, words: Words) -> str:
    if abs(skew_ms) < SKEW_MS:
        return words.text("right")
    duration = words.duration(abs(skew_ms) // 1000)
    if skew_ms > 0:
        return words.text("%(duration)s ahead", duration=duration)
    return words.text("%(duration)s slow", duration=duration)
