"""The style, script, font and icons of the pages: read once, served under the hash of them all, cached for ever."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from daemon.errors import NotFound
from daemon.web.http import Request, Response, RouteDef, get

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",
}
"""What is served, by suffix; anything else in the folder is not."""

_NAME: Final = re.compile(rb"(?<![\w-])--[a-z][\w-]*")
"""A custom property of a style; not the second half of a class such as `btn--primary`."""

_SET: Final = re.compile(rb"(?<![\w-])(--[a-z][\w-]*):([^;{}()]+)(?=[;}])")
_USE: Final = re.compile(rb"var\((--[a-z][\w-]*)\)")
_SHORT: Final = 10
"""A value of fewer bytes is not longer than what names it."""

_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files and the hash that stands in their address: another byte is another address."""

    root: str
    files: Mapping[str, bytes] = field(repr=False)

    def address(self, name: str) -> str:
        """Where a file is served; a name that is not there is a mistake of ours."""
        assert name in self.files, f"{name} is not among the static files"
        return f"{self.root}/{name}"

    def routes(self) -> list[RouteDef]:
        """The one route of all files."""
        return [get("/static/{hash}/{name:.+}", self._serve)]

    async def _serve(self, request: Request) -> Response:
        """A file; an address of another version is not found, so that nothing stale is ever kept."""
        name = request.match_info["name"]
        body = self.files.get(name)
        if body is None or f"/static/{request.match_info['hash']}" != self.root:
            raise NotFound("no file of this version has this address")
        headers = {"Cache-Control": _FOR_EVER, "Content-Type": TYPES[Path(name).suffix]}
        return Response(body=body, headers=headers)


def load_static(folder: Path = FOLDER) -> StaticFiles:
    """Read the folder; some 90 KB."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in TYPES)
    files = _with_short_names({path.relative_to(folder).as_posix(): _squeezed(path) for path in found})
    state = hashlib.blake2b(digest_size=6)
    for name, body in files.items():
        state.update(len(name).to_bytes(4, "big") + name.encode() + len(body).to_bytes(4, "big") + body)
    return StaticFiles(f"/static/{state.hexdigest()}", files)


def _squeezed(path: Path) -> bytes:
    """Our own style and script without comments and indentation."""
    body = path.read_bytes()
    if path.suffix not in {".css", ".js"}:
        return body
    if path.suffix == ".js":
        lines = (line.strip() for line in body.splitlines())
        return b"\n".join(line for line in lines if line and not line.startswith(b"//"))
    body = re.sub(rb"/\*.*?\*/|(?<=[;,]) +|(?<=@media) ", b"", body, flags=re.DOTALL)
    return b"".join(line.strip() for line in body.splitlines()).replace(b";}", b"}")


def _with_short_names(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The styles with their custom properties called --0, --1, …; short values that never change are written out.

    The names of the tokens are for people, and were a fifth of what a till had to read.
    """
    styles = {name: body for name, body in files.items() if name.endswith(".css")}
    said: dict[bytes, list[bytes]] = {}
    for body in styles.values():
        for name, value in _SET.findall(body):
            said.setdefault(name, []).append(value)
    fixed = {name: values[0] for name, values in said.items() if len(values) == 1 and len(values[0]) < _SHORT}
    used = {name for body in styles.values() for name in _NAME.findall(body)}
    short = {name: b"--%d" % at for at, name in enumerate(sorted(used - fixed.keys()))}
    for path, body in styles.items():
        kept = _SET.sub(lambda found: b"" if found[1] in fixed else found[0], body)
        bare = _USE.sub(lambda found: fixed.get(found[1], found[0]), kept)
        tidy = re.sub(rb";;+", b";", bare).replace(b"{;", b"{").replace(b";}", b"}")
        styles[path] = _NAME.sub(lambda found: short[found[0]], tidy)
    return {**files, **styles}
