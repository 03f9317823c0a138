"""The bar that asks before a changed form is left, and how any bar is read and put away."""

from daemon.domain.role import Right
from daemon.web.aside import FORMS, Notice
from daemon.web.http import Response, RouteDef
from daemon.web.surface import PageCall, Surface


class HeldPages:
    """What stands above a screen."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        return [
            self._surface.post("/retenu", self._held, Right.READ),
            self._surface.post("/avis/fin", self._dismiss, Right.READ),
        ]

    async def _held(self, call: PageCall) -> Response:
        """A changed form stands before somebody who wants to go elsewhere."""
        onward = self._surface.own(call.form.get("onward", ""))
        self._surface.notify(call, held(call, onward))
        return self._surface.go(self._surface.back(call))

    async def _dismiss(self, call: PageCall) -> Response:
        """The bar was read."""
        self._surface.notify(call, None)
        return self._surface.go(self._surface.back(call))


def held(call: PageCall, onward: str, customer: str = "") -> Notice:
    """The question before the form that the page named as changed."""
    form = call.form.get("form", "")
    customers = (customer,) if customer else ()
    return Notice(
        kind="held",
        onward=onward,
        customers=customers,
        form=form if form in FORMS else FORMS[0],
        at=call.form.get("at", ""),
    )
