"""`comptoir sync status`: the truth about what is here, what head office has, and when both were last proved equal."""

from collections.abc import Iterator, Mapping
from typing import Any

from daemon.cli import equality, moments, progress
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.terminal import Cell, Style, Terminal
from daemon.cli.words import _, counted, figure
from daemon.clock import SystemClock


def run(at: Invocation) -> int:
    """Show where replication stands."""
    with at.daemon() as daemon:
        found = daemon.get("/replication")
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        show(at.terminal, found, SystemClock().now_ms())
    return Exit.OK


def show(terminal: Terminal, found: Mapping[str, Any], now_ms: int) -> None:
    """The truth line first, then the figures."""
    if found["role"] == "hub":
        terminal.write(
            Cell(text=_("Head office"), style="bold"),
            Cell(text="  " + _("chain {chain}").format(chain=found["chain"]), style="dim"),
        )
        terminal.facts(list(_hub_facts(found, now_ms)))
        return
    head = _("Till {site}").format(site=found["site"])
    head = f"{found['label']} ({head})" if found.get("label") else head
    place = _("shop {shop} · chain {chain}").format(shop=found["shop"], chain=found["chain"])
    terminal.write(Cell(text=head, style="bold"), Cell(text=f"  {place}", style="dim"))
    sentence, is_well = truth(found["copy"])
    terminal.say(sentence, "green" if is_well else "yellow")
    terminal.facts(list(_till_facts(found, now_ms, has_bars=terminal.watched)))


def truth(copy: Mapping[str, Any]) -> tuple[str, bool]:
    """`saved here ✓ · head office: 3 waiting since 09:41`, and whether all is there."""
    if not copy["waiting"]:
        return _("saved here ✓ · head office has everything ✓"), True
    since = moments.moment(copy["waiting_since"])
    text = counted("{n} waiting since", "{n} waiting since", copy["waiting"])
    return _("saved here ✓ · head office: {waiting} {since}").format(waiting=text, since=since), False


def _till_facts(found: Mapping[str, Any], now_ms: int, *, has_bars: bool) -> Iterator[tuple[str, str | Cell]]:
    copy = found["copy"]
    yield _("Line to head office"), _line(found["link"], now_ms)
    yield _("Saved here"), counted("{n} record given a position", "{n} records given positions", found["head_seq"])
    if found["open_records"]:
        yield "", counted("{n} more waits for the time", "{n} more wait for the time", found["open_records"])
    yield _("At head office"), counted("{n} applied", "{n} applied", found["applied_seq"])
    yield _("In its backup"), _backed_up(found)
    yield _("Proved equal"), _proved(copy, found["feeds"])
    yield from _filling(found, has_bars=has_bars)
    yield from _rescued(found)
    yield from _only_here(found)
    if found.get("fenced_since"):
        said = _(
            "another box runs as this till since {moment}: it sells on without points and credit; tell head office"
        )
        yield _("Two boxes"), Cell(text=said.format(moment=moments.moment(found["fenced_since"])), style="red")
    if found.get("moved_at"):
        said = _("this disk ran in another machine before, until {moment}")
        yield _("Other machine"), Cell(text=said.format(moment=moments.moment(found["moved_at"])), style="yellow")
    yield from _feeds(found, now_ms)
    yield _("Clock"), _("confirmed") if found["anchored"] else _("not confirmed since the start")
    yield from _certificate(found["link"], now_ms)
    yield _("Root"), Cell(text=found["root"], style="dim")
    yield _("Incarnation"), Cell(text=str(found["incarnation"]), style="dim")


def _filling(found: Mapping[str, Any], *, has_bars: bool) -> Iterator[tuple[str, str | Cell]]:
    fill = found.get("fill")
    if fill:
        yield _("Filling"), Cell(text=progress.filled(fill["rows"], fill["total"], has_bar=has_bars), style="yellow")
        past = fill.get("history")
        said = progress.filled(past["rows"], past["total"], has_bar=has_bars) if past else _("after that")
        yield _("Sales history"), Cell(text=said, style="yellow")


def _rescued(found: Mapping[str, Any]) -> Iterator[tuple[str, str | Cell]]:
    """The database was damaged once and made anew from what could be read of it."""
    rescue = found.get("rescue")
    if rescue:
        said = _("{moment}, {records}, {holes}").format(
            moment=moments.moment(rescue["at"]),
            records=counted("{n} unsent record saved", "{n} unsent records saved", rescue["unsent"]),
            holes=counted("{n} place unreadable", "{n} places unreadable", rescue["holes"]),
        )
        yield _("Database made anew"), said


def _only_here(found: Mapping[str, Any]) -> Iterator[tuple[str, str | Cell]]:
    """What head office did not hold when its rows were taken in."""
    said = found.get("only_here")
    if not said:
        return
    if said["dropped"] or said["entries"]:
        dropped = counted("{n} row dropped here", "{n} rows dropped here", sum(said["dropped"].values()))
        again = counted("{n} entry said again", "{n} entries said again", said["entries"])
        text = _("{dropped}, {again}").format(dropped=f"{dropped}{_kinds(said['dropped'])}", again=again)
        yield _("Not at head office"), Cell(text=text, style="yellow")
    if said["replaced"]:
        replaced = counted("{n} row replaced here", "{n} rows replaced here", sum(said["replaced"].values()))
        yield _("Otherwise at head office"), f"{replaced}{_kinds(said['replaced'])}"


def _kinds(counts: Mapping[str, int]) -> str:
    found = ", ".join(f"{kind} {figure(count)}" for kind, count in counts.items())
    return f" ({found})" if found else ""


def _hub_facts(found: Mapping[str, Any], now_ms: int) -> Iterator[tuple[str, str | Cell]]:
    yield _("Line to the broker"), _line(found["link"], now_ms)
    yield _("In its backup"), _backed_up(found)
    yield from _feeds(found, now_ms)
    yield from _certificate(found["link"], now_ms)
    yield _("Root"), Cell(text=found["root"], style="dim")
    yield _("Incarnation"), Cell(text=str(found["incarnation"]), style="dim")


def _feeds(found: Mapping[str, Any], now_ms: int) -> Iterator[tuple[str, str | Cell]]:
    """Each feed with its place, and when it was last proved equal; yellow where that is too long ago, or never was."""
    names = {"chain": _("Feed of the chain"), "shop": _("Feed of the shop"), "site": _("Feed of this till")}
    proofs = equality.proofs(found["feeds"], now_ms)
    chain_s = next((proof.age_s for proof in proofs if proof.reach == "chain"), None)
    for feed, proof in zip(found["feeds"], proofs, strict=True):
        position = _("generation {generation}, position {offset}")
        told = position.format(generation=feed["generation"], offset=figure(feed["offset"]))
        is_well = proof.age_s is not None and not equality.is_behind(proof, chain_s)
        style: Style | None = None if is_well else "yellow"
        yield names[feed["reach"]], Cell(text=f"{told} · {proof.shortly()}", style=style)


def _line(link: Mapping[str, Any] | None, now_ms: int) -> str | Cell:
    if link is None:
        return ""
    since_s = moments.seconds_since(link["since"], now_ms)
    since = " · " + _("since {moment}").format(moment=moments.moment(link["since"])) if since_s is not None else ""
    detail = f" · {link['detail']}" if link["detail"] else ""
    if link["online"]:
        return Cell(text=_("online") + since + detail, style="green")
    return Cell(text=_("offline") + since + detail, style="yellow")


def _certificate(link: Mapping[str, Any] | None, now_ms: int) -> Iterator[tuple[str, str | Cell]]:
    until = (link or {}).get("certificate_until")
    if until:
        is_low = moments.days_until(until, now_ms) < moments.CERTIFICATE_DAYS_LOW
        yield _("Certificate"), Cell(text=_("until {day}").format(day=moments.day(until)), style=_low(is_low))


def _low(is_low: bool) -> Style | None:
    return "yellow" if is_low else None


def _backed_up(found: Mapping[str, Any]) -> str:
    """`backed_up` is the position of the chain's feed that the last verified backup holds."""
    position = found.get("backed_up")
    if position is None:
        return ""
    return _("up to position {offset}").format(offset=figure(position)) if position else _("no backup yet")


def _proved(copy: Mapping[str, Any], feeds: list[Mapping[str, Any]]) -> str | Cell:
    if copy["proved_at"] is None:
        return Cell(text=_("never since the enrolment"), style="yellow")
    offset = next((feed["proved_offset"] for feed in feeds if feed["reach"] == "chain"), 0)
    told = _("{ago}, with head office, at position {offset}")
    return told.format(ago=moments.ago(copy["age_s"]), offset=figure(offset))
