"""Becomes the user who owns a daemon's files: what root writes there would be closed to the daemon."""

import grp
import os
import pwd
from pathlib import Path
from typing import Final

from daemon.errors import StoreFault

USERS: Final = {"till": "comptoir-till", "hub": "comptoir-hub"}


def act_as_owner(directory: Path, role: str) -> None:
    """As root, become the owner of `directory`, made for the role's user where it is missing; others stay who they are.

    What is made from now on is closed to everybody else. Raises StoreFault.
    """
    os.umask(0o077)
    if os.geteuid() != 0:
        return
    try:
        _make(directory, role)
        owner = directory.stat()
        if owner.st_uid == 0:
            return
        user = pwd.getpwuid(owner.st_uid)
        os.initgroups(user.pw_name, owner.st_gid)
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
    except (OSError, KeyError) as failure:
        raise StoreFault(f"the state directory {directory} cannot be used: {failure}") from failure


def give(directory: Path, like: Path) -> None:
    """As root, make a directory that belongs to whoever owns `like`."""
    if directory.exists():
        return
    directory.mkdir(mode=0o700, parents=True)
    if os.geteuid() == 0 and like.exists():
        owner = like.stat()
        os.chown(directory, owner.st_uid, owner.st_gid)


def name_of(uid: int) -> str:
    """The name of a user; the number where there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_of(gid: int) -> str:
    """The name of a group; the number where there is none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _make(directory: Path, role: str) -> None:
    if directory.exists():
        return
    directory.mkdir(mode=0o700, parents=True)
    try:
        user = pwd.getpwnam(USERS[role])
    except KeyError:
        return  # not installed as a service: whoever sets it up owns it
    os.chown(directory, user.pw_uid, user.pw_gid)
