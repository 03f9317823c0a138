"""`comptoir customers npai`: mail that came back."""

from typing import Any

from daemon.cli.asking import asked
from daemon.cli.customer_view import show_customer
from daemon.cli.customers import find
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.words import _
from daemon.errors import OperatorMistake


def npai(at: Invocation) -> int:
    """Tick one of the two facts, or both; whoever says neither is asked."""
    given = at.given
    body: dict[str, Any] = {}
    if given.address and given.good_address:
        raise OperatorMistake("address: it is either bad or good", field="address")
    if given.address or given.good_address:
        body["address"] = bool(given.address)
    if given.no_information:
        body["no_information"] = True
    if not body:
        body = _which(at)
    with at.daemon() as daemon:
        after = daemon.post(f"/customers/{find(at, daemon, given.who)}/npai", {**body, "source": "cli"})
    if at.terminal.as_json:
        at.terminal.answer(after)
    else:
        show_customer(at.terminal, after)
    return Exit.OK


def _which(at: Invocation) -> dict[str, Any]:
    if at.terminal.asks:
        question = _("Which is meant: the address is bad (1), no information is wanted (2), both (3)?")
        answers: dict[str, dict[str, Any]] = {
            "1": {"address": True},
            "2": {"no_information": True},
            "3": {"address": True, "no_information": True},
        }
        found = answers.get(asked(at.terminal, question))
        if found is not None:
            return found
    raise OperatorMistake("say which is meant: --address, --no-information, or both")
