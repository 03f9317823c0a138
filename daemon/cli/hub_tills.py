"""`comptoir hub tills|add-till|revoke|shop …`: the fleet, through the running hub."""

from collections.abc import Mapping
from typing import Any

from daemon.cli import moments
from daemon.cli.asking import confirmed
from daemon.cli.caller import Caller
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Cell, Column
from daemon.cli.words import _, counted, figure
from daemon.clock import SystemClock
from daemon.domain.disk_room import FREE_BYTES_MIN, is_low
from daemon.domain.site_row import CONFLICTS_TOLD_MAX
from daemon.errors import NotFound, OperatorMistake

CLOCK_MS_MAX = 60_000
"""A clock that is further off is told in colour."""


def tills(at: Invocation) -> int:
    """List every till."""
    with at.daemon("hub") as daemon:
        found = daemon.get("/tills")
        names = _shop_names(daemon)
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    if not found:
        at.terminal.note(_("No till yet: comptoir hub add-till SHOP"), "yellow")
        return Exit.OK
    columns = (
        Column(title=_("Till"), right=True, keep=9),
        Column(title=_("Label"), keep=6),
        Column(title=_("Shop"), keep=3),
        Column(title=_("State"), keep=8),
        Column(title=_("Heard"), keep=5),
        Column(title=_("To send"), right=True, keep=7),
        Column(title=_("Late by"), right=True, keep=7),
        Column(title=_("Proved equal"), keep=6),
        Column(title=_("Conflicts"), right=True, keep=5),
        Column(title=_("Free disk"), right=True, keep=4),
        Column(title=_("Devices"), keep=2),
        Column(title=_("Clock"), right=True, keep=4),
        Column(title=_("Version"), keep=2),
        Column(title=_("Certificate"), keep=1),
    )
    now_ms = SystemClock().now_ms()
    at.terminal.table(columns, [_row(till, names, now_ms) for till in found])
    online = sum(till["online"] for till in found)
    here = sum(not till["revoked"] for till in found)
    total = counted("{n} till", "{n} tills", here)
    at.terminal.note(f"{total} · " + counted("{n} online", "{n} online", online), "dim")
    for till in found:
        if till.get("former_box_since"):
            at.terminal.note(_former_box(till), "yellow")
    return Exit.OK


def add_till(at: Invocation) -> int:
    """Write a one-use code."""
    with at.daemon("hub") as daemon:
        made = daemon.post("/tills", {"shop": at.given.shop, "label": at.given.label})
        names = _shop_names(daemon)
    if at.terminal.as_json:
        at.terminal.answer(made)
        return Exit.OK
    at.terminal.say(made["code"], "bold")
    shop = names.get(made["shop"], "")
    at.terminal.note(
        _("For one new till of shop {shop}, until {moment}. On that till:").format(
            shop=f"{made['shop']} {shop}".strip(), moment=moments.moment(made["valid_until"])
        )
    )
    at.terminal.note(f"  sudo comptoir till enrol {made['code']} --hub {_public_host(at)}")
    if not shop:
        said = _("Shop {shop} has no name yet: comptoir hub shop add {shop} NAME").format(shop=made["shop"])
        at.terminal.note(said, "yellow")
    return Exit.OK


def revoke(at: Invocation) -> int:
    """Withdraw a till."""
    site = at.given.site
    with at.daemon("hub") as daemon:
        till = next((till for till in daemon.get("/tills") if till["site"] == site), None)
        if till is None:
            raise NotFound(f"no till {site} was ever enrolled", field="site")
        question = _("Withdraw till {site} ({label}) for ever?").format(site=site, label=till["label"])
        if not till["revoked"] and not at.given.yes and not confirmed(at.terminal, question):
            raise OperatorMistake("nothing was done: answer yes, or give --yes")
        daemon.post(f"/tills/{site}/revoke")
    if at.terminal.as_json:
        at.terminal.answer({"site": site, "revoked": True, "was_revoked": till["revoked"]})
    elif till["revoked"]:
        at.terminal.note(_("Till {site} was withdrawn already.").format(site=site))
    else:
        at.terminal.note(
            _("Till {site} is withdrawn: the broker cuts it off within seconds.").format(site=site), "green"
        )
    return Exit.OK


def unfence(at: Invocation) -> int:
    """One of two boxes with one number was taken away."""
    site = at.given.site
    with at.daemon("hub") as daemon:
        daemon.post(f"/tills/{site}/unfence")
    if at.terminal.as_json:
        at.terminal.answer({"site": site, "fenced": False})
    else:
        at.terminal.note(_("Till {site} is not fenced any more; it hears so at once.").format(site=site), "green")
    return Exit.OK


def accept_audit(at: Invocation) -> int:
    """Somebody has looked why the audit trail of a till is not what it told before."""
    site = at.given.site
    with at.daemon("hub") as daemon:
        daemon.post(f"/tills/{site}/accept-audit")
    if at.terminal.as_json:
        at.terminal.answer({"site": site, "accepted": True})
    else:
        said = _("The audit trail of till {site} counts from now on.").format(site=site)
        at.terminal.note(said, "green")
    return Exit.OK


def write_off(at: Invocation) -> int:
    """Write off the rights of a till that was withdrawn, or of a box that a till was before."""
    site = at.given.site
    question = _("Write off what till {site} could still spend? It cannot be undone.").format(site=site)
    if not at.given.yes and not confirmed(at.terminal, question):
        raise OperatorMistake("nothing was done: answer yes, or give --yes")
    with at.daemon("hub") as daemon:
        rights = daemon.post(f"/tills/{site}/write-off")["rights"]
    if at.terminal.as_json:
        at.terminal.answer({"site": site, "rights": rights})
    else:
        at.terminal.note(_("{count} rights of till {site} are written off.").format(count=rights, site=site), "green")
    return Exit.OK


def add_shop(at: Invocation) -> int:
    """Name a shop."""
    with at.daemon("hub") as daemon:
        made = daemon.put(f"/shops/{at.given.shop}", {"label": at.given.label})
    if at.terminal.as_json:
        at.terminal.answer(made)
    else:
        at.terminal.note(_("Shop {shop} is called {label}.").format(**made), "green")
    return Exit.OK


def shops(at: Invocation) -> int:
    """List the shops."""
    with at.daemon() as daemon:
        found = daemon.get("/shops")
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    columns = (Column(title=_("Shop"), right=True), Column(title=_("Name")))
    at.terminal.table(columns, [[str(shop["shop"]), shop["label"]] for shop in found["shops"]])
    return Exit.OK


def _former_box(till: Mapping[str, Any]) -> str:
    return _(
        "Till {site} is another box since {moment}; what the former one could spend waits until you know that it is"
        " gone: comptoir hub write-off {site}"
    ).format(site=till["site"], moment=moments.moment(till["former_box_since"]))


def _devices(till: Mapping[str, Any]) -> str | Cell:
    """Those that need somebody by name, else how many work; empty where the till has told nothing."""
    devices = till.get("devices") or ()
    wrong = [device["device"] for device in devices if device["state"] in {"absent", "error", "held"}]
    if wrong:
        return Cell(text=_("look at {devices}").format(devices=", ".join(wrong)), style="yellow")
    return counted("{n} works", "{n} work", len(devices)) if devices else ""


def _row(till: Mapping[str, Any], names: Mapping[int, str], now_ms: int) -> list[str | Cell]:
    clock = till["clock_ahead_ms"]
    waiting, behind = till["waiting"], till["behind"]
    heard_s = moments.seconds_since(till["heard_at"], now_ms)
    return [
        str(till["site"]),
        till["label"],
        f"{till['shop']} {names.get(till['shop'], '')}".strip(),
        _state(till),
        moments.ago(heard_s),
        _as_of(waiting, heard_s),
        _as_of(behind, heard_s),
        _proved(till, now_ms),
        _conflicts(till.get("conflicts")),
        _disk(till.get("disk_free_bytes")),
        _devices(till),
        Cell(text=_clock(clock), style="yellow" if abs(clock or 0) > CLOCK_MS_MAX else None),
        till["version"] or "",
        _certificate(till, now_ms),
    ]


def _as_of(number: int | None, heard_s: int | None) -> Cell:
    """A figure of the till's last report, with its age where it is more than nothing."""
    if not number:
        return Cell(text="" if number is None else figure(number))
    age = f" ({moments.ago(heard_s)})" if heard_s is not None else ""
    return Cell(text=figure(number) + age, style="yellow")


def _proved(till: Mapping[str, Any], now_ms: int) -> Cell:
    """When the copy was last proved equal, and of how many rows that was not true until then; empty: it never told."""
    if till.get("conflicts") is None:
        return Cell(text="")
    proved_s = moments.seconds_since(till.get("proved_at"), now_ms)
    otherwise = till.get("otherwise") or 0
    odd = f" ({counted('{n} row otherwise', '{n} rows otherwise', otherwise)})" if otherwise else ""
    return Cell(text=moments.ago(proved_s) + odd, style="yellow" if otherwise or proved_s is None else None)


def _conflicts(count: int | None) -> Cell:
    """Values that lost and that nobody has settled, as far as a till counts."""
    if not count:
        return Cell(text="" if count is None else "0")
    return Cell(text=figure(count) + ("+" if count >= CONFLICTS_TOLD_MAX else ""), style="yellow")


def _disk(free_bytes: int | None) -> Cell:
    if free_bytes is None:
        return Cell(text="")
    if free_bytes >= 10 * 1024**3:
        text = _("{size} GiB").format(size=figure(free_bytes // 1024**3))
    else:
        text = _("{size} MiB").format(size=figure(free_bytes // 1024**2))
    return Cell(text=text, style="red" if free_bytes < FREE_BYTES_MIN else "yellow" if is_low(free_bytes) else None)


def _certificate(till: Mapping[str, Any], now_ms: int) -> Cell:
    """Until when, where that is near: it renews itself while the till is heard."""
    until = till.get("certificate_until")
    if till["revoked"] or not until or moments.days_until(until, now_ms) >= moments.CERTIFICATE_DAYS_LOW:
        return Cell(text="")
    return Cell(text=_("until {day}").format(day=moments.day(until)), style="yellow")


def _state(till: Mapping[str, Any]) -> Cell:
    if till["revoked"]:
        return Cell(text=_("withdrawn"), style="dim")
    if till.get("fenced_since"):
        return Cell(text=_("two boxes!"), style="red")
    if till.get("audit_changed_at"):
        return Cell(text=_("audit trail changed!"), style="red")
    if till["online"]:
        return Cell(text=_("online"), style="green")
    return Cell(text=_("offline"), style="yellow")


def _clock(ahead_ms: int | None) -> str:
    if ahead_ms is None:
        return ""
    return f"{ahead_ms / 1000:+.0f} s" if abs(ahead_ms) >= 500 else "±0 s"


def _shop_names(daemon: Caller) -> dict[int, str]:
    return {shop["shop"]: shop["label"] for shop in daemon.get("/shops")["shops"]}


def _public_host(at: Invocation) -> str:
    """What the tills call head office, as its configuration says."""
    from daemon.cli.place import public_host

    place = at.place("hub")
    return (public_host(place.config) if place.config else "") or _("HOST")
