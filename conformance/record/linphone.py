"""linphone as a process: configured, started, driven and ended without sound or screen."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from conformance.record.programs import LOOPBACK, Program, settled

PATIENCE = 30.0
"""Seconds that linphonec may take until it listens; it was seen to need more than eight."""

LINPHONE = """[sip]
bind_address={host}
sip_port={port}
sip_tcp_port={tcp}
sip_tls_port=0
guess_hostname=0
use_ipv6={ipv6}
ipv6_migration_done=1
register_only_when_network_is_up=0
auto_net_state_mon=0
[rtp]
bind_address={host}
audio_rtp_port=7090
[sound]
"""

ACCOUNT = """[proxy_0]
reg_proxy=<sip:{registrar}>
reg_identity=sip:lin@{registrar}
reg_expires=600
reg_sendregister=1
publish=0
"""

DEFAULT_ACCOUNT = "[sip]\ndefault_proxy=0\n"
"""The account is the one that calls are made with: without it linphone subscribes to no conference."""


class Linphone(Program):
    """A linphone phone; its daemon is driven by linphonecsh over a socket that is named after the user.

    So that several can run at a time, each has a user id of its own where we are root.
    """

    def __init__(self, folder: Path, port: int, registrar: str = "", host: str = LOOPBACK, tcp: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".local/share/linphone").mkdir(parents=True, exist_ok=True)
        rc = folder / "rc"
        written = LINPHONE.format(port=port, host=host, ipv6=int(":" in host), tcp=port if tcp else 0)
        if registrar:
            written = written.replace("[sip]\n", DEFAULT_ACCOUNT) + ACCOUNT.format(registrar=registrar)
        rc.write_text(written, encoding="utf-8")
        if os.geteuid() == 0 and _several_users():
            self.user = 30000 + os.getpid() % 20000
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self.user, -1)
        super().__init__(
            "linphone", ["linphonec", "-c", str(rc), "-a", "-d", "6", "-l", str(folder / "lp.log"), "--pipe"], folder
        )
        try:
            settled((host, port), seconds=PATIENCE)
        except TimeoutError:
            self.stop()
            raise
        time.sleep(1.0)

    def say(self, command: str) -> str:
        """Give a command of linphonec; what it answers."""
        done = subprocess.run(
            ["linphonecsh", "generic", command],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            user=self.user,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)},
        )
        return done.stdout

    def stop(self) -> None:
        """End the phone, and take away the socket that it leaves behind."""
        super().stop()
        if self.user is not None:
            Path(f"/tmp/linphonec-{self.user}").unlink(missing_ok=True)


def _several_users() -> bool:
    """Whether this namespace of users has more than one."""
    return int(Path("/proc/self/uid_map").read_text(encoding="ascii").split()[2]) > 60000
