"""The customer's secret code on the record: typed by the customer for what they spend, chosen, chosen anew."""

from typing import Final

from daemon.desk.proof_shown import NewPin, TypedPin
from daemon.domain.ids import EntityId
from daemon.domain.role import Right
from daemon.errors import Conflicting, Forbidden, NotProved, OperatorMistake, TooSoon
from daemon.web import page_problem, proof_view
from daemon.web.aside import Notice, Word
from daemon.web.customer_page import ID
from daemon.web.http import Response, RouteDef
from daemon.web.serving import serve
from daemon.web.surface import Act, PageCall, Surface

_SECTIONS: Final = {"pin": proof_view.PROVE, "new_pin": proof_view.CHOOSE}


class ProofPages:
    """Where the customer types."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        one = f"/clients/{ID}"
        return [
            self._surface.post(f"{one}/preuve", self._prove, Right.SELL),
            self._surface.post(f"{one}/code", self._choose, Right.SELL),
        ]

    async def _prove(self, call: PageCall) -> Response:
        """Hold what was typed against the customer's code; whoever proves something is being served."""
        proofs, change, id_ = self._surface.desks.proofs, self._surface.change(call), call.id()
        visit = EntityId(bytes.fromhex((await serve(self._surface, change, id_)).id))
        try:
            found = await proofs.prove(change, visit, TypedPin(pin=call.form.get("pin", "")))
        except TooSoon as early:
            return self._again(call, proof_view.PROVE, page_problem.sentence_of(early, call.words))
        except (Conflicting, Forbidden):
            found = await proofs.of_visit(visit)
            section = proof_view.PROVE if found.pin == "set" else proof_view.CHOOSE
            return self._again(call, section, proof_view.wrong(found, call.words))
        sentence = call.words.text("Secret code checked.")
        if found.wrong_before:
            tried = call.words.counted(
                "%(num)s wrong try was made before: tell the customer.",
                "%(num)s wrong tries were made before: tell the customer.",
                found.wrong_before,
            )
            sentence = f"{sentence} {tried}"
        self._surface.notify(call, None)
        self._surface.say(call, Word(sentence=sentence))
        return self._surface.go(self._record(call, "benefits"))

    async def _choose(self, call: PageCall) -> Response:
        """Keep the code that the customer chose; it is typed once more to be used."""
        proofs, change, id_ = self._surface.desks.proofs, self._surface.change(call), call.id()
        visit = (await serve(self._surface, change, id_)).id
        try:
            await proofs.set_pin(change, id_, NewPin(pin=call.form.get("pin", ""), visit=visit))
        except Forbidden:
            sentence = call.words.text("Scan the customer's card first, or ask a manager.")
            return self._again(call, proof_view.CHOOSE, sentence)
        except OperatorMistake as refused:
            if refused.field != "pin":
                raise
            sentence = call.words.text("Another code: 4 to 12 digits, not in a row, no birthday, nothing on the card.")
            return self._again(call, proof_view.CHOOSE, sentence)
        self._surface.notify(call, None)
        self._surface.say(call, Word(sentence=call.words.text("Secret code kept: type it once more to use it.")))
        return self._surface.go(self._record(call, proof_view.PROVE))

    def _again(self, call: PageCall, section: str, sentence: str) -> Response:
        where = self._record(call, section)
        self._surface.notify(call, Notice(kind="problem", sentence=sentence, at=where))
        return self._surface.go(where)

    def _record(self, call: PageCall, section: str) -> str:
        return f"{self._surface.root}/clients/{call.id().hex()}?section={section}"


def asking(surface: Surface, act: Act) -> Act:
    """A page that asks for the proof that is missing, in place of a bare refusal."""

    async def answer(call: PageCall) -> Response:
        try:
            return await act(call)
        except NotProved as refusal:
            section = _SECTIONS.get(refusal.asked, "benefits")
            where = f"{surface.root}/clients/{call.id().hex()}?section={section}"
            sentence = proof_view.sentence_of(refusal, call.words)
            surface.notify(call, Notice(kind="problem", sentence=sentence, at=where))
            return surface.go(where)

    return answer
