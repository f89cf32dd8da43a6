"""A network namespace of our own: a loopback interface and nothing else, so that ports are free and nothing leaks."""

from __future__ import annotations

import ctypes
import os
import subprocess
from pathlib import Path

from conformance.errors import TargetFault

_NEWUSER, _NEWNET = 0x10000000, 0x40000000


def enter() -> None:
    """Move this process into one; raises TargetFault where the system does not let us.

    As root that takes the network alone; anybody else gets a namespace of users first, in which they are root.
    """
    system = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if system.unshare(_NEWNET) != 0:
        if system.unshare(_NEWUSER | _NEWNET) != 0:
            raise TargetFault(f"no network namespace of our own: {os.strerror(ctypes.get_errno())}")
        _become_root(user, group)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=10)


def _become_root(user: int, group: int) -> None:
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", encoding="ascii")
    (own / "uid_map").write_text(f"0 {user} 1", encoding="ascii")
    (own / "gid_map").write_text(f"0 {group} 1", encoding="ascii")
