"""cupsd in the foreground, without systemd, in a folder of its own.

Its card printer is a script of ours, which has mishaps; its other queue is Debian's cups-pdf, which is by others.
"""

import asyncio
import os
import pwd
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.mosquitto import free_port
from tests.programs import find_program

QUEUE = "cards"
PDF_QUEUE = "pdf"
PDF_DRIVER = "/usr/share/ppd/cups-pdf/CUPS-PDF_opt.ppd"
PDF_USER = "comptoir"
PDF_ANONYMOUS = Path("/var/spool/cups-pdf/ANONYMOUS")
"""Where cups-pdf puts the pages of a user whom this machine does not know; another's are in the folder PDF at home."""

CUPSD = """
Listen 127.0.0.1:{port}
LogLevel debug2
Browsing Off
WebInterface No
DefaultAuthType None
DefaultShared No
MaxLogSize 0
<Location />
  Order allow,deny
  Allow 127.0.0.1
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
FILES = """
ServerRoot {root}
RequestRoot {root}/spool
TempDir {root}/spool/tmp
CacheDir {root}/cache
StateDir {root}/run
ErrorLog {root}/error_log
AccessLog {root}/access_log
PageLog {root}/page_log
ServerBin {bin}
DataDir /usr/share/cups
DocumentRoot /usr/share/cups
FileDevice Yes
SystemGroup root
User lp
Group lp
Sandboxing relaxed
"""
BACKEND = """#!/bin/sh
# A card printer: takes a page when it has cards. Told so by a file, it throws a page away and says nothing, as some do.
if [ $# = 0 ]; then echo 'direct cards "Unknown" "Cards"'; exit 0; fi
while [ -e {root}/no-cards ]; do echo "STATE: +media-empty-error" >&2; sleep 0.1; done
echo "STATE: -media-empty-error" >&2
if [ -e {root}/jammed ]; then exit 4; fi
if [ ! -e {root}/swallows ]; then cat "${{6:--}}" > {root}/out/$1.pdf; fi
"""
READY_S = 20.0


@dataclass
class PrintServer:
    """A running print server."""

    port: int
    folder: Path

    @property
    def uri(self) -> str:
        return self.queue(QUEUE)

    def queue(self, name: str) -> str:
        """The address of one of its queues."""
        return f"ipp://127.0.0.1:{self.port}/printers/{name}"

    def pages(self) -> list[Path]:
        """What came out."""
        return sorted(self.folder.glob("out/*.pdf"))

    def mishap(self, name: str, *, on: bool = True) -> None:
        """no-cards, jammed, swallows."""
        if on:
            (self.folder / name).touch()
        else:
            (self.folder / name).unlink()

    async def tell(self, *words: str) -> None:
        """lpadmin, cupsdisable, cancel and the like, on this server."""
        command = [find_program(words[0]) or words[0], "-h", f"127.0.0.1:{self.port}", *words[1:]]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        out, _ = await process.communicate()
        assert process.returncode == 0, out.decode()


@asynccontextmanager
async def print_server() -> AsyncIterator[PrintServer]:
    """A server with one queue that prints to files."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)  # noqa: ASYNC240  a folder of our own, once
        server = PrintServer(port=free_port(), folder=root)
        _lay_out(root, server.port)
        cupsd = find_program("cupsd")
        assert cupsd is not None, "the test is marked needs(cupsd)"
        process = await asyncio.create_subprocess_exec(
            *(cupsd, "-f", "-c", str(root / "cupsd.conf"), "-s", str(root / "cups-files.conf")),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "CUPS_SERVERROOT": str(root)},
        )
        try:
            await _until_it_listens(server.port)
            await server.tell("lpadmin", "-p", QUEUE, "-v", "cards:/", "-E")
            yield server
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def _lay_out(root: Path, port: int) -> None:
    """Its configuration, and a copy of its programs with a backend that is told where to print."""
    for folder in ("spool/tmp", "cache", "run", "out", "ppd", "bin"):
        (root / folder).mkdir(parents=True)
    for part in ("backend", "filter", "daemon", "cgi-bin", "monitor", "notifier", "driver"):
        source = Path("/usr/lib/cups") / part
        if source.is_dir():
            shutil.copytree(source, root / "bin" / part, symlinks=False)
    (root / "cupsd.conf").write_text(CUPSD.format(port=port))
    (root / "cups-files.conf").write_text(FILES.format(root=root, bin=root / "bin"))
    backend = root / "bin" / "backend" / "cards"
    backend.write_text(BACKEND.format(root=root))
    backend.chmod(0o755)
    (root / "out").chmod(0o777)


@asynccontextmanager
async def cups_pdf(server: PrintServer) -> AsyncIterator[Callable[[], list[Path]]]:
    """A queue of cups-pdf; gives what asks for the pages that came out of it. They are gone afterwards."""

    folders = [PDF_ANONYMOUS]
    with suppress(KeyError):
        folders.append(Path(pwd.getpwnam(PDF_USER).pw_dir) / "PDF")

    def pages() -> set[Path]:
        return {page for folder in folders for page in folder.glob("*.pdf")}

    before = pages()
    await server.tell("lpadmin", "-p", PDF_QUEUE, "-v", "cups-pdf:/", "-P", PDF_DRIVER, "-E")
    try:
        yield lambda: sorted(pages() - before)
    finally:
        for page in pages() - before:
            page.unlink()


async def _until_it_listens(port: int) -> None:
    async with asyncio.timeout(READY_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
