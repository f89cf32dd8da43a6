"""Settings for three telephones without sound or screen, that call a conference on one machine: ``phones.py FOLDER``.

Two are baresip, the third is linphone with an account at a registrar.  What is written is all they need; nothing is started.
"""

from __future__ import annotations

import math
import struct
import sys
import wave
from pathlib import Path

BARESIP = """sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
audio_source aufile,{tone}
audio_player aubridge,unheard-{name}
audio_alert aubridge,unrung-{name}
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module aufile.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""
"""An address instead of an interface keeps everything on the loopback; ``stdio`` is the prompt."""

LINPHONE = """[sip]
bind_address=127.0.0.1
sip_port=5084
sip_tcp_port=0
sip_tls_port=0
guess_hostname=0
use_ipv6=0
ipv6_migration_done=1
register_only_when_network_is_up=0
auto_net_state_mon=0
default_proxy=0
[rtp]
bind_address=127.0.0.1
audio_rtp_port=7090
[proxy_0]
reg_proxy=<sip:127.0.0.1>
reg_identity=sip:lin@127.0.0.1
reg_expires=600
reg_sendregister=1
publish=0
"""

MINUTES = 30
"""How long the tone lasts: baresip hangs up when its file ends."""


def tone(path: Path) -> None:
    """440 Hz, 8 kHz, mono."""
    second = b"".join(struct.pack("<h", int(6000 * math.sin(math.tau * 440 * n / 8000))) for n in range(8000))
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(second * (60 * MINUTES))


def baresip(folder: Path, name: str, port: int) -> None:
    """A folder for ``baresip -f``; it listens for TLS on the port behind the one that it is given."""
    folder.mkdir(parents=True, exist_ok=True)
    tone(folder / "tone.wav")
    config = BARESIP.format(port=port, name=name, tone=folder.resolve() / "tone.wav")
    (folder / "config").write_text(config, encoding="utf-8")
    account = f"<sip:{name}@127.0.0.1:{port}>;regint=0;answermode=auto\n"
    (folder / "accounts").write_text(account, encoding="utf-8")
    (folder / "contacts").touch()


def linphone(folder: Path) -> None:
    """A home for linphonec, which does not make the folder of its databases itself."""
    (folder / ".local/share/linphone").mkdir(parents=True, exist_ok=True)
    (folder / "linphonerc").write_text(LINPHONE, encoding="utf-8")


def main(folder: Path) -> None:
    """Write all, and say how the telephones are started."""
    baresip(folder / "alice", "alice", 5070)
    baresip(folder / "bob", "bob", 5080)
    linphone(folder / "lin")
    print(f"baresip -f {folder}/alice -e '/dial sip:tea@127.0.0.2'")
    print(f"baresip -f {folder}/bob -e '/dial sip:tea@127.0.0.2'")
    print(f"HOME=$PWD/{folder}/lin linphonec -c {folder}/lin/linphonerc -d 6 -l {folder}/lin/log")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "phones"))
