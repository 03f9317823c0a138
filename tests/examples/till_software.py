"""A till software that speaks to Comptoir: one visit from the scan of a card to the posted sale.

For whoever writes the real one: nothing but Python's standard library, and nothing that only Comptoir's authors could
know (`/api/v1/openapi.json` says it all). With a token of `comptoir setup --application caisse --token-file FILE`:

    python till_software.py http://127.0.0.1:8080 FILE

Three habits make it safe in a power cut, here or at Comptoir's:

* what changes something carries an Idempotency-Key, made before the first try and kept for every further one: an answer
  that was lost on the way is given again, and nothing happens twice;
* the id of the sale comes with the visit, before there is a sale: posted twice, it is one sale;
* live events are read on from the last one that was seen; when Comptoir says `refetch`, some were missed, and whatever
  is shown is fetched again.
"""
# ruff: noqa: T201  a program for a terminal

import http.client
import json
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = "/api/v1"
ANSWER_S_MAX = 20.0
SILENCE_S_MAX = 30.0
"""Comptoir says at least every 10 s that it is still there."""
PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Between tries; a machine that starts again is back within seconds."""

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """Something that happened: its kind, and what the API's description says of it."""

    kind: str
    data: Json


class Refused(Exception):
    """Comptoir said no, and would say so again; the sentence is for the cashier."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(problem.get("detail") or f"Comptoir answers {status}")
        self.status = status
        self.problem = problem


class TillSoftware:
    """One lane of the shop, as its software sees Comptoir."""

    def __init__(self, url: str, token: str, *, lane: str = "1") -> None:
        self._host = urlsplit(url).netloc
        self._token = token
        self._lane = lane
        self._last_event = ""

    # ---- a visit -----------------------------------------------------------------------------------------------------

    def open_visit(self) -> Json:
        """The visit of this lane: the one that is open already, after a power cut, or a new one."""
        for visit in self.call("GET", "/visits"):
            if visit["lane"] == self._lane:
                return dict(visit)
        return dict(self.call("POST", "/visits", {"lane": self._lane}))

    def attach(self, visit: Json, customer: str) -> Json:
        """Serve this customer; until then it is nobody in particular."""
        return dict(self.call("POST", f"/visits/{visit['id']}/attach", {"customer": customer}))

    def keep_basket(self, visit: Json, basket: Json) -> None:
        """Let Comptoir keep the basket: it survives this program, and Comptoir never looks into it."""
        self.call("PUT", f"/visits/{visit['id']}/basket", basket)

    def kept_basket(self, visit: Json) -> Json | None:
        """The basket as it was last kept."""
        return dict(self.call("GET", f"/visits/{visit['id']}/basket")) if visit["basket_bytes"] else None

    def applies(self, visit: Json, lines: list[Json]) -> Json:
        """What the customer of the visit pays for these lines, and why: prices, discounts, points, coupons."""
        return dict(self.call("POST", f"/visits/{visit['id']}/terms", {"lines": lines}))

    def post(self, visit: Json, sale: Json | None = None, *, key: str = "") -> Json:
        """The sale is done, with these lines; returns the visit, `posted`, with the id of the sale."""
        return dict(self.call("POST", f"/visits/{visit['id']}/post", sale, key=key))

    def chosen_on_the_page(self) -> Json:
        """Wait until the operator chooses a customer on Comptoir's own page; returns the visit of this lane."""
        self._last_event = ""
        for event in self.events():
            if event.kind not in {"visit", "refetch"}:
                continue
            for visit in self.call("GET", "/visits"):
                if visit["lane"] == self._lane and not visit["is_walk_in"]:
                    return dict(visit)
        raise AssertionError("events never end")

    def article_asked(self) -> Json:
        """Wait until the operator asks for an article on Comptoir's own page, as from a wish list; the basket is ours.

        Returns its `product`, `label`, `quantity` and the `wish` to be noted as bought
        (`POST /customers/{customer}/wishes/{wish}/bought`). What was asked for in a sale that is over comes too late.
        """
        for event in self.events():
            if event.kind != "article" or event.data["lane"] != self._lane:
                continue
            if any(visit["id"] == event.data["visit"] for visit in self.call("GET", "/visits")):
                return event.data
        raise AssertionError("events never end")

    # ---- what is put aside -------------------------------------------------------------------------------------------

    def park(self, visit: Json, *, label: str = "", cents: int = 0) -> Json:
        """Put the basket of a visit aside: the visit is over, every till of the shop can resume the ticket."""
        return dict(self.call("POST", f"/visits/{visit['id']}/hold", {"label": label, "total": cents})["ticket"])

    def parked(self) -> list[Json]:
        """What is on hold in this shop, the newest first."""
        return list(self.call("GET", "/held-tickets")["tickets"])

    def resume(self, visit: Json, ticket: Json) -> tuple[Json, Json]:
        """Take a ticket over: the visit has its customer and basket from now on; returns both.

        Refused with 409 where another till has it: while head office can be asked one till alone gets it. Without head
        office, `field` says `despite`: whoever insists sends the take-over that the other till made (`taken_by.id`).
        """
        taken = self.call("POST", f"/held-tickets/{ticket['id']}/take", {"visit": visit["id"]})
        return dict(taken["visit"]), dict(self.kept_basket(taken["visit"]) or {})

    def next_customer(self) -> str:
        """Wait for the card of somebody who is known; returns their id.

        A card that was scanned before now was for another sale.
        """
        self._last_event = ""
        for event in self.events():
            match event.kind, event.data.get("outcome"):
                case "scan", "customer":
                    return str(event.data["customer"]["id"])
                case "scan", "choose":
                    raise Refused(0, {"detail": "several customers have this card: ask for the name"})
                case "scan", "blocked":
                    raise Refused(0, {"detail": f"this card is refused: {event.data['reason']}"})
                case _:
                    continue  # products and badges of operators are for others; `refetch`: nothing is shown here
        raise AssertionError("events never end")

    # ---- live events -------------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """Everything that happens, for ever; a lost connection is opened again and goes on after the last event."""
        pauses = _pauses()
        while True:
            try:
                for event in self._stream():
                    pauses = _pauses()
                    yield event
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(next(pauses))

    def _stream(self) -> Iterator[Event]:
        connection = http.client.HTTPConnection(self._host, timeout=SILENCE_S_MAX)
        try:
            connection.request("GET", f"{ROOT}/events", headers=self._headers({"Last-Event-ID": self._last_event}))
            response = connection.getresponse()
            if response.status != HTTPStatus.OK:
                raise _refusal(response)
            kind, data = "", ""
            while line := response.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    self._last_event = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    data = value
                elif not line.strip() and data:
                    yield Event(kind, json.loads(data))
                    kind = data = ""
        finally:
            connection.close()

    # ---- calls -------------------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Json | None = None, *, key: str = "") -> Any:
        """What Comptoir answers, tried until it does; raises Refused for what it would refuse again."""
        headers = self._headers({"Content-Type": "application/json"})
        if method == "POST":
            headers["Idempotency-Key"] = key or str(uuid.uuid4())  # noqa: TID251  a program of somebody else's
        raw = None if body is None else json.dumps(body)
        for pause_s in _pauses():
            try:
                return self._try(method, path, raw, headers)
            except Refused as refused:
                if refused.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
            except (OSError, http.client.HTTPException):
                pass  # did it hear us? The same key again makes that unimportant
            time.sleep(pause_s)
        raise AssertionError("the pauses never end")

    def _try(self, method: str, path: str, raw: str | None, headers: Mapping[str, str]) -> Any:
        connection = http.client.HTTPConnection(self._host, timeout=ANSWER_S_MAX)
        try:
            connection.request(method, ROOT + path, raw, dict(headers))
            response = connection.getresponse()
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise _refusal(response)
            answer = response.read()
            return json.loads(answer) if answer else None
        finally:
            connection.close()

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", **{name: value for name, value in more.items() if value}}


def _refusal(response: http.client.HTTPResponse) -> Refused:
    """Comptoir's problem (RFC 9457)."""
    try:
        problem = json.loads(response.read())
    except ValueError:
        problem = {}
    return Refused(response.status, problem)


def _pauses() -> Iterator[float]:
    """Longer and longer, for ever."""
    yield from PAUSES_S
    while True:
        yield PAUSES_S[-1]


def main(url: str, token_file: str) -> None:
    """Sell a baguette to each customer whose card is scanned."""
    software = TillSoftware(url, Path(token_file).read_text("ascii").strip())
    while True:
        visit = software.open_visit()
        print(f"visit {visit['id']}: waiting for a card")
        try:
            visit = software.attach(visit, software.next_customer())
        except Refused as refused:
            print(refused)
            continue
        software.keep_basket(visit, {"lines": [{"product": "baguette", "cents": 130}]})
        posted = software.post(visit)
        print(f"sale {posted['sale_id']}: {posted['customer']['display_name']}, 1,30 €")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print()
