"""The one thing that head office serves to machines it does not know: enrolment, over HTTPS."""

from collections.abc import Awaitable, Callable

from daemon.clock import Clock
from daemon.web.http import Application, Request, Response

Enrol = Callable[[bytes, int, str], Awaitable[tuple[int, bytes]]]
"""(body, now in ms, caller's address) → (HTTP status, JSON)"""

BODY_BYTES_MAX = 64 * 1024
PATH = "/enrol"


def build_enrol_app(enrol: Enrol, clock: Clock) -> Application:
    """An application with one route; who knocks is counted by address."""

    async def knocked(request: Request) -> Response:
        status, body = await enrol(await request.read(), clock.now_ms(), request.remote or "")
        kind = "application/json" if status == 200 else "application/problem+json"
        return Response(status=status, body=body, content_type=kind, headers={"Cache-Control": "no-store"})

    app = Application(client_max_size=BODY_BYTES_MAX)
    app.router.add_post(PATH, knocked)
    return app
