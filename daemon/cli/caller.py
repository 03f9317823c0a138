"""Calls the API of a running daemon over its unix socket, with nothing but the standard library.

Whoever owns the daemon's files, and root, need no token there; others bring one.
"""

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from typing_extensions import override

from daemon.clock import random_bytes
from daemon.errors import Forbidden, NotRunning, PeerFault, Refusal

ROOT: Final = "/api/v1"
TIMEOUT_S: Final = 30.0
_LOST: Final = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer: its JSON, and the version (ETag) that an edit names."""

    body: Any
    version: str = ""


class Caller:
    """One connection to the daemon, opened when it is needed and opened again when the daemon was restarted."""

    def __init__(self, path: Path, *, token: str = "", timeout_s: float = TIMEOUT_S) -> None:
        self.path = path
        self._token = token
        self._connection = _UnixConnection(path, timeout_s)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def get(self, path: str, /, **query: str | int) -> Any:
        """What stands at `path`; raises NotRunning, Refusal with the daemon's own sentence."""
        return self.fetch(path, **query).body

    def fetch(self, path: str, /, **query: str | int) -> Reply:
        """As `get`, with the version."""
        return self._call("GET", f"{path}?{urlencode(query)}" if query else path)

    def raw(self, path: str) -> tuple[int, bytes]:
        """Status and bytes of an address outside the API, whatever the status."""
        status, _, body = self._exchange("GET", path, None, {})
        return status, body

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> Any:
        """Do something once: the same `key` is never done twice. Without one, a fresh key guards this call alone."""
        return self._call("POST", path, body or {}, {"Idempotency-Key": key or random_bytes(12).hex()}).body

    def send(self, path: str, raw: bytes, **query: str | int) -> Any:
        """Send a file, once; raises NotRunning, Refusal."""
        headers = {"Idempotency-Key": random_bytes(12).hex(), "Content-Type": "application/octet-stream"}
        return self._call("POST", f"{path}?{urlencode(query)}", raw, headers).body

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Make something be so."""
        return self._call("PUT", path, body, {"Idempotency-Key": random_bytes(12).hex()}).body

    def patch(self, path: str, body: Mapping[str, Any], *, version: str = "") -> Any:
        """Change what is still at `version`."""
        headers = {"If-Match": f'"{version}"'} if version else {}
        return self._call("PATCH", path, body, headers).body

    def delete(self, path: str) -> None:
        """Remove."""
        self._call("DELETE", path)

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        status, version, answer = self._exchange(method, f"{ROOT}{path}", raw, dict(headers or {}))
        try:
            found = json.loads(answer) if answer else None
        except ValueError as wrong:
            raise PeerFault("the daemon gives an answer that is not JSON") from wrong
        if status >= http.client.BAD_REQUEST:
            raise refusal_of(status, found)
        return Reply(body=found, version=version.strip('"'))

    def _exchange(self, method: str, path: str, raw: bytes | None, headers: dict[str, str]) -> tuple[int, str, bytes]:
        headers["Accept"] = "application/json"
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            return self._once(method, path, raw, headers)
        except _LOST:
            # The daemon closed an idle connection, or was restarted; the key makes a repetition harmless.
            self._connection.close()
        try:
            return self._once(method, path, raw, headers)
        except _LOST as lost:
            raise NotRunning(f"the daemon hung up on {self.path}") from lost

    def _once(self, method: str, path: str, raw: bytes | None, headers: dict[str, str]) -> tuple[int, str, bytes]:
        try:
            self._connection.request(method, path, raw, headers)
            response = self._connection.getresponse()
            return response.status, response.getheader("ETag", ""), response.read()
        except _LOST:
            raise
        except TimeoutError as late:
            self._connection.close()
            raise PeerFault(f"the daemon does not answer on {self.path}") from late
        except PermissionError as refused:
            raise Forbidden(f"you may not open {self.path}: run this as root (sudo)") from refused
        except OSError as absent:
            raise NotRunning(f"no daemon answers on {self.path}: is it running?") from absent
        except http.client.HTTPException as wrong:
            self._connection.close()
            raise PeerFault(f"what answers on {self.path} is not Comptoir") from wrong


def refusal_of(status: int, problem: object) -> Refusal:
    """The daemon's problem (RFC 9457) as an error."""
    found = problem if isinstance(problem, dict) else {}
    sentence = found.get("detail") or found.get("title") or f"the daemon answers {status}"
    return Refusal(str(sentence), status=status, problem=found)


def segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


class _UnixConnection(http.client.HTTPConnection):
    """HTTP to a unix socket."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    @override
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(str(self._path))
        except BaseException:
            self.close()
            raise
