"""A Debian that really boots systemd, in a container without a network, with the product installed in it."""

import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from daemon.clock import SystemClock
from tests.programs import find_program

ROOT = Path(__file__).parent.parent.parent

# Kept between runs: making it downloads a Debian and takes about a minute.
PRISTINE = Path("/var/cache/comptoir-tests")
PACKAGES = "systemd,systemd-sysv,dbus,udev,procps,python3,mosquitto,ca-certificates"
BOOT_S_MAX = 60.0
# CAP_NET_ADMIN and CAP_SYS_ADMIN (capabilities(7)).
NEEDED_CAPABILITIES = 1 << 12 | 1 << 21
CLOCK = SystemClock()


def why_impossible() -> str | None:
    """The reason why no container can be booted here, if there is one."""
    if os.geteuid() != 0:
        return "booting a container needs root"
    if platform.freedesktop_os_release().get("ID") != "debian":
        return "the container is a copy of this machine's Debian, and this is none"
    status = Path("/proc/self/status").read_text("utf-8")
    held = int(re.findall(r"^CapEff:\s*([0-9a-f]+)$", status, flags=re.MULTILINE)[0], base=16)
    if held & NEEDED_CAPABILITIES != NEEDED_CAPABILITIES:
        return "root may not mount or make networks here (is this a container itself?)"
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Container:
    """A booted container; commands run in it as root."""

    root: Path
    leader: int
    machine: subprocess.Popen[bytes]

    def run(self, *command: str, check: bool = True, text_in: str | None = None) -> str:
        """What the command prints; raises CalledProcessError when it fails."""
        enter = ["nsenter", f"--target={self.leader}", "--all", "--root", "--wd=/"]
        done = subprocess.run(
            [*enter, *command], check=False, input=text_in, capture_output=True, text=True, timeout=120
        )
        if check and done.returncode:
            message = f"{command} failed in the container: {done.stdout}{done.stderr}"
            raise AssertionError(message)
        return done.stdout

    def spawn(self, *command: str) -> subprocess.Popen[str]:
        """A command that goes on, with pipes to talk to it."""
        return subprocess.Popen(
            ["nsenter", f"--target={self.leader}", "--all", "--root", "--wd=/", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def cut_power(self) -> None:
        """All its processes are gone at once, with process 1 of the container; the disk stays as it is."""
        os.kill(self.leader, signal.SIGKILL)
        self.machine.wait(timeout=BOOT_S_MAX)

    def property(self, unit: str, name: str) -> str:
        return self.run("systemctl", "show", unit, f"--property={name}", "--value").strip()

    def wait_for(self, unit: str, name: str, value: str, seconds: float) -> None:
        """Wait until a property of a unit has this value."""
        deadline_s = CLOCK.monotonic_s() + seconds
        while self.property(unit, name) != value:
            if CLOCK.monotonic_s() > deadline_s:
                message = f"{unit} {name} is {self.property(unit, name)!r}, not {value!r}:\n{self.journal(unit)}"
                raise AssertionError(message)
            time.sleep(0.1)

    def journal(self, unit: str) -> str:
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}")


def make_pristine() -> Path:
    """The Debian of this machine's own release, made once."""
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    finished = PRISTINE / f"{suite}-{hashlib.sha256(PACKAGES.encode()).hexdigest()[:8]}"
    if not finished.is_dir():
        PRISTINE.mkdir(parents=True, exist_ok=True)
        scratch = finished.with_suffix(".making")
        shutil.rmtree(scratch, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(scratch)]
        subprocess.run(command, check=True, capture_output=True, timeout=900)
        scratch.rename(finished)
    return finished


def install_product(root: Path) -> None:
    """As a packager does it: `make install DESTDIR=`."""
    command = ["make", "--silent", "install", f"DESTDIR={root}", "PYTHON=/usr/bin/python3"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)


def copy_of_pristine(root: Path) -> None:
    subprocess.run(["cp", "--archive", "--reflink=auto", f"{make_pristine()}/.", root], check=True, timeout=300)
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n", "utf-8")
    # Nothing that waits for a person at a console or for the network.
    for unit in ("console-getty.service", "getty.target", "apt-daily.timer", "apt-daily-upgrade.timer"):
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")


def enable(root: Path, *units: str) -> None:
    """These units start at the next boot."""
    subprocess.run(["systemctl", f"--root={root}", "enable", *units], check=True, capture_output=True, timeout=60)


def disable(root: Path, *units: str) -> None:
    """These units do not start at the next boot."""
    subprocess.run(["systemctl", f"--root={root}", "disable", *units], check=True, capture_output=True, timeout=60)


@contextmanager
def booted(root: Path) -> Iterator[Container]:
    """A container that runs until the block is left."""
    program = find_program("systemd-nspawn")
    assert program is not None
    console = (root / "var/log/console").open("w", encoding="utf-8")
    options = ["--register=no", "--keep-unit", "--private-network", "--machine=comptoir-test", "--console=read-only"]
    with (
        console,
        subprocess.Popen(
            [program, f"--directory={root}", *options, "--boot"],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
        ) as machine,
    ):
        try:
            yield Container(root=root, leader=_leader(machine), machine=machine)
        finally:
            # SIGTERM asks nspawn to power the container off in order.
            machine.terminate()
            machine.wait(timeout=BOOT_S_MAX)


def _leader(machine: subprocess.Popen[bytes]) -> int:
    """The container's process 1, once its systemd answers."""
    deadline_s = CLOCK.monotonic_s() + BOOT_S_MAX
    children = Path(f"/proc/{machine.pid}/task/{machine.pid}/children")
    while CLOCK.monotonic_s() < deadline_s and machine.poll() is None:
        pids = children.read_text("utf-8").split()
        if pids:
            probe = ["nsenter", f"--target={pids[0]}", "--all", "--root", "--wd=/", "systemctl", "is-system-running"]
            answer = subprocess.run(probe, check=False, capture_output=True, text=True, timeout=30)
            if answer.stdout.strip() in {"running", "degraded", "starting"}:
                return int(pids[0])
        time.sleep(0.1)
    message = "the container did not boot"
    raise AssertionError(message)
