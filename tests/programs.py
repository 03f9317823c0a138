"""Programs of the system that some tests need, and how a test says that one is missing."""

import os
import shutil

import pytest

_DEBIAN_PACKAGE = {
    "chromium": "chromium",
    "cups-pdf": "printer-driver-cups-pdf",
    "cupsd": "cups",
    "debootstrap": "debootstrap",
    "gcc": "gcc libc6-dev",
    "mosquitto": "mosquitto",
    "pdftoppm": "poppler-utils",
    "pcscd": "pcscd vsmartcard-vpcd python3-pyscard",
    "systemd-analyze": "systemd",
    "systemd-nspawn": "systemd-container",
    "systemd-sysusers": "systemd",
    "umockdev-wrapper": "umockdev gir1.2-umockdev-1.0 python3-gi",
}


def find_program(name: str) -> str | None:
    """Where it is; daemons live in folders that an ordinary user's PATH leaves out."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin:/usr/lib/cups/backend")


def require_programs(item: pytest.Item) -> None:
    """Skip a test marked `needs(...)` in one line where a program is missing; in continuous integration, fail it."""
    missing = [name for marker in item.iter_markers("needs") for name in marker.args if find_program(name) is None]
    if not missing:
        return
    packages = " ".join(_DEBIAN_PACKAGE.get(name, name) for name in missing)
    reason = f"{' and '.join(missing)} not installed (sudo apt-get install {packages})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
