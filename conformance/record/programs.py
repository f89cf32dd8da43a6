"""Third-party SIP programs as processes: configured, started, driven and ended without sound or screen."""

from __future__ import annotations

import contextlib
import json
import math
import re
import shutil
import socket
import struct
import subprocess
import time
import wave
from collections.abc import Iterator
from pathlib import Path

DBTEXT = Path("/usr/share/kamailio/dbtext/kamailio")
"""Where Debian's package puts the empty tables of Kamailio."""


class Missing(Exception):
    """A program is not installed."""


PACKAGES = {
    "kamailio": "kamailio",
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "linphonec": "linphone-cli",
    "sipsak": "sipsak",
    "tshark": "tshark",
}
"""The Debian package of each program."""


def version(program: str) -> str:
    """A program's name and the version of its package, ``baresip 1.0.0 (Debian 1.0.0-4+b3)``; raises Missing."""
    if shutil.which(program) is None:
        raise Missing(f"{program} is not installed (in Debian: apt install {PACKAGES[program]})")
    words = ["dpkg-query", "-W", "-f", "${Version}", PACKAGES[program]]
    packaged = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
    upstream = re.sub(r"^\d+:|[-+~].*$", "", packaged)
    return f"{program} {upstream} (Debian {packaged})" if packaged else program


class Program:
    """A running process; ended by :meth:`stop`, its output kept in a file of its folder."""

    user: int | None = None
    """The user id it runs under, where that is not ours."""

    def __init__(self, name: str, words: list[str], folder: Path, **environment: str) -> None:
        if shutil.which(words[0]) is None:
            raise Missing(f"{words[0]} is not installed")
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.folder = folder
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as stream:
            self.process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                cwd=folder,
                user=self.user,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8", **environment},
            )

    def wait(self, seconds: float) -> int:
        """Wait for the end; the exit code, or a TimeoutError with the end of the output."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            tail = self.log.read_bytes()[-400:].decode(errors="replace")
            raise TimeoutError(f"{self.name} has not ended after {seconds} seconds: {tail}") from None

    def stop(self) -> None:
        """End the process, politely first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


LOOPBACK = "127.0.0.1"
"""Where programs listen unless told otherwise; the other choice is ``::1``."""


def bracketed(host: str) -> str:
    """An address as URIs and configurations write it."""
    return f"[{host}]" if ":" in host else host


def settled(address: tuple[str, int], udp: bool = True, seconds: float = 8.0) -> None:
    """Wait until something holds a port; raises TimeoutError."""
    until = time.monotonic() + seconds
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    while time.monotonic() < until:
        with socket.socket(family, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as probe:
            try:
                probe.bind(address)
            except OSError:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {address[0]}:{address[1]}")


KAMAILIO = """#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=1
tcp_children=1
dns=no
auto_aliases=no
alias="example.com"
listen=udp:{host}:5060
listen=tcp:{host}:5060
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "db_text.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "sanity.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "presence.so"
loadmodule "presence_xml.so"
loadmodule "presence_conference.so"
modparam("usrloc", "db_mode", 0)
modparam("presence", "db_url", "text://{folder}/dbtext")
modparam("presence", "server_address", "sip:{host}:5060")
modparam("presence_xml", "db_url", "text://{folder}/dbtext")
modparam("presence_xml", "force_active", 1)
request_route {{
  if (!mf_process_maxfwd_header("70")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (!sanity_check("17895", "7")) {{ exit; }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (has_totag()) {{
    if (is_method("SUBSCRIBE|PUBLISH") && uri == myself) {{ route(PRESENCE); exit; }}
    if (loose_route()) {{ t_relay(); exit; }}
    if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (is_method("SUBSCRIBE")) {{ route(PRESENCE); exit; }}
    sl_send_reply("404", "Not here"); exit;
  }}
  if (is_method("OPTIONS") && uri == myself && $rU == $null) {{ sl_send_reply("200", "OK"); exit; }}
  if (is_method("INVITE|REFER|SUBSCRIBE")) record_route();
  if (loose_route() && $du != $null) {{ t_relay(); exit; }}
  if (uri != myself) {{ t_relay(); exit; }}
  if (is_method("REGISTER")) {{
    if ({challenge}) {{
      if (!pv_www_authenticate("example.com", "secret", "0")) {{ www_challenge("example.com", "0"); exit; }}
      consume_credentials();
    }}
    save("location"); exit;
  }}
  if (is_method("SUBSCRIBE|PUBLISH")) {{ route(PRESENCE); exit; }}
  if (!lookup("location")) {{
    $var(code) = $rc;
    if ($var(code) == -2) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
    sl_send_reply("404", "Not Found"); exit;
  }}
  t_relay();
}}
route[PRESENCE] {{
  if (!t_newtran()) {{ sl_reply_error(); exit; }}
  if (is_method("PUBLISH")) {{ handle_publish(); }} else {{ handle_subscribe(); }}
  exit;
}}
"""


def kamailio(folder: Path, challenge: bool = False, host: str = LOOPBACK) -> Program:
    """Kamailio as registrar, record-routing proxy and notifier on port 5060, UDP and TCP."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(DBTEXT, folder / "dbtext", dirs_exist_ok=True)
    config = folder / "kamailio.cfg"
    written = KAMAILIO.format(folder=folder, challenge="1" if challenge else "0", host=bracketed(host))
    config.write_text(written, encoding="utf-8")
    words = [
        "kamailio",
        "-f",
        str(config),
        "-DD",
        "-E",
        "-m",
        "32",
        "-M",
        "8",
        "-Y",
        str(folder),
        "-P",
        str(folder / "pid"),
    ]
    program = Program("kamailio", words, folder)
    settled((host, 5060))
    time.sleep(0.7)
    return program


BARESIP = """sip_listen {listening}
sip_trans_def {transport}
net_interface {host}
audio_source aufile,{folder}/tone.wav
audio_player aubridge,play{port}
audio_alert aubridge,alert{port}
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app debug_cmd.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


class Baresip(Program):
    """A baresip phone, driven over its control connection."""

    def __init__(
        self, folder: Path, user: str, port: int, account: str = "regint=0;answermode=auto", transport: str = "udp",
        host: str = LOOPBACK, seconds: int = 60,
    ) -> None:  # fmt: skip
        """``seconds``: how long a call of it can last."""
        folder.mkdir(parents=True, exist_ok=True)
        _tone(folder / "tone.wav", seconds)
        self.port, self.control = port, port + 1000
        listening = f"{bracketed(host)}:{port}"
        written = BARESIP.format(
            listening=listening, host=host, port=port, control=self.control, folder=folder, transport=transport
        )
        (folder / "config").write_text(written, encoding="utf-8")
        home = account.partition(";")[0] if account.startswith("@") else listening
        rest = account.partition(";")[2] if account.startswith("@") else account
        (folder / "accounts").write_text(
            f"<sip:{user}@{home.lstrip('@')};transport={transport}>;{rest}\n", encoding="utf-8"
        )
        (folder / "contacts").write_text("", encoding="utf-8")
        super().__init__("baresip", ["baresip", "-f", str(folder), "-s"], folder)
        self._socket = _connected(("127.0.0.1", self.control))
        self._pending = b""

    def say(self, command: str, params: str = "") -> None:
        """Give a command of the menu."""
        body = json.dumps({"command": command, "params": params, "token": command}).encode()
        self._socket.sendall(b"%d:%s," % (len(body), body))

    def until(self, event: str, seconds: float = 8.0) -> None:
        """Wait for an event such as CALL_ESTABLISHED; raises TimeoutError."""
        limit = time.monotonic() + seconds
        seen = []
        while time.monotonic() < limit:
            for message in self._events(limit):
                seen.append(str(message.get("type", message.get("token"))))
                if message.get("type") == event:
                    return
        raise TimeoutError(f"{self.name} on port {self.port}: no {event}, only {seen}")

    def _events(self, limit: float) -> Iterator[dict[str, object]]:
        self._socket.settimeout(max(0.05, limit - time.monotonic()))
        with contextlib.suppress(TimeoutError):
            self._pending += self._socket.recv(65536)
        while b":" in self._pending:
            size, _, rest = self._pending.partition(b":")
            if len(rest) < int(size) + 1:
                break
            yield json.loads(rest[: int(size)])
            self._pending = rest[int(size) + 1 :]

    def stop(self) -> None:
        """Close the control connection and end the phone."""
        self._socket.close()
        super().stop()


def sipp(folder: Path, name: str, *words: str, scenario: str = "", host: str = LOOPBACK) -> Program:
    """A SIPp process; ``scenario`` is written to a file and run."""
    folder.mkdir(parents=True, exist_ok=True)
    extra = []
    if scenario:
        path = folder / f"{name}.xml"
        path.write_text(scenario, encoding="utf-8")
        extra = ["-sf", str(path)]
    return Program(name, ["sipp", *extra, "-i", host, "-nostdin", "-nd", *words], folder, TERM="dumb")


def _connected(address: tuple[str, int], seconds: float = 8.0) -> socket.socket:
    until = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(address, timeout=2)
        except OSError:
            if time.monotonic() > until:
                raise TimeoutError(f"nothing listens on {address[0]}:{address[1]}") from None
            time.sleep(0.1)


def _tone(path: Path, seconds: int = 60) -> None:
    """440 Hz, 8 kHz mono, 16 bits: a phone hangs up when it ends."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        samples = (int(8000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(8000))
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples) * seconds)
