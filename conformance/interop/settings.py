"""The settings in which programs are judged: which program, in which roles, over what, and how it is started."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.interop.triggers import baresip_trigger, linphone_trigger, sipp_trigger
from conformance.live.trigger import Trigger
from conformance.record.linphone import Linphone
from conformance.record.programs import (
    LOOPBACK,
    Baresip,
    Program,
    bracketed,
    kamailio,
    settled,
    sipp,
)

IPV6 = "::1"
PORTS = {"baresip": 5070, "linphonec": 5084, "kamailio": 5060, "sipp": 5090}
"""Where each program listens; every setting has a namespace of its own."""

Start = Callable[["Setting", Path, ExitStack], Trigger | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One way to run one program as a subject."""

    name: str
    program: str
    roles: tuple[str, ...]
    start: Start
    transport: str = "udp"
    host: str = LOOPBACK
    user: str = "bob"
    credentials: tuple[str, str, str] | None = None
    """User, password and realm that it wants, or None."""
    chosen: tuple[str, ...] = ("*",)
    """Patterns of scenarios that are played."""
    slow: bool = False
    """Whether the scenarios with long timers are played, and no others."""

    @property
    def target(self) -> str:
        """The target string of ``disco-conformance``."""
        return f"sip:{self.transport}:{bracketed(self.host)}:{PORTS[self.program]}"

    @property
    def uri(self) -> str:
        """What a request for it has as Request-URI."""
        over = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"sip:{self.user}@{bracketed(self.host)}:{PORTS[self.program]}{over}"


@contextmanager
def running(program: Program) -> Iterator[Program]:
    """Ends the program behind the block."""
    try:
        yield program
    finally:
        program.stop()


def _baresip(setting: Setting, work: Path, stack: ExitStack) -> Trigger:
    phone = Baresip(work / "phone", setting.user, PORTS["baresip"], transport=setting.transport, host=setting.host)
    stack.enter_context(running(phone))
    return baresip_trigger(phone)


def _linphonec(setting: Setting, work: Path, stack: ExitStack) -> Trigger:
    phone = Linphone(work / "phone", PORTS["linphonec"], host=setting.host, tcp=True)
    stack.enter_context(running(phone))
    phone.say("soundcard use files")
    return linphone_trigger(phone)


def _kamailio(setting: Setting, work: Path, stack: ExitStack) -> None:
    stack.enter_context(running(kamailio(work / "proxy", challenge=bool(setting.credentials), host=setting.host)))


def _sipp(setting: Setting, work: Path, stack: ExitStack) -> Trigger:
    words = ["-sn", "uas", "-p", str(PORTS["sipp"]), "-mp", "30100"]
    words += ["-t", "t1"] if setting.transport == "tcp" else []
    stack.enter_context(running(sipp(work, "uas", *words, host=setting.host)))
    settled((setting.host, PORTS["sipp"]), udp=setting.transport == "udp")
    time.sleep(0.3)
    callers: list[Program] = []
    stack.callback(_stop, callers)
    return sipp_trigger(work, setting.host, callers, setting.transport)


def _stop(programs: list[Program]) -> None:
    for program in programs:
        program.stop()


AGENT, SERVER = ("user-agent",), ("registrar", "proxy")
SMALL = ("user-agent/options*", "user-agent/call*", "user-agent/cancel-ringing", "user-agent/malformed*")
"""Over a second transport or address family only what can differ there is played again."""
WAITING = ("user-agent/no-ack", "user-agent/copies-late", "user-agent/called-never", "user-agent/bye-*")
"""Of the scenarios with long timers those that differ most among programs."""
CALLS = (
    "user-agent/call", "user-agent/late-*", "user-agent/no-from-tag", "user-agent/called", "user-agent/called-copies",
    "user-agent/called-forked", "user-agent/called-provisional", "user-agent/called-late-route", "user-agent/called-no-to-tag",
    "user-agent/called-odd-headers", "user-agent/called-two-vias", "user-agent/called-foreign-via",
)  # fmt: skip
"""SIPp plays one scenario of its own and knows nothing else: no OPTIONS, no refusal."""
TIMERS = ("registrar/*", "proxy/silent", "proxy/fork-none-better", "proxy/rings-for-ever", "proxy/tries-for-ever")
"""Timer C of Kamailio is two minutes: what waits longer shows nothing more."""

_BARESIP = Setting(name="baresip-udp", program="baresip", roles=AGENT, start=_baresip)
_LINPHONEC = Setting(name="linphonec-udp", program="linphonec", roles=AGENT, start=_linphonec, user="lin")
_KAMAILIO = Setting(
    name="kamailio-open", program="kamailio", roles=(*SERVER, "notifier"), start=_kamailio, user="alice"
)
_SIPP = Setting(name="sipp-udp", program="sipp", roles=AGENT, start=_sipp, user="service", chosen=CALLS)

SETTINGS: tuple[Setting, ...] = (
    _BARESIP,
    replace(_BARESIP, name="baresip-slow", slow=True, chosen=WAITING),
    replace(_BARESIP, name="baresip-ringing", slow=True, chosen=("user-agent/rings-long",)),
    replace(_BARESIP, name="baresip-tcp", transport="tcp", chosen=SMALL),
    replace(_BARESIP, name="baresip-ipv6", host=IPV6, chosen=SMALL),
    _LINPHONEC,
    replace(_LINPHONEC, name="linphonec-slow", slow=True, chosen=WAITING),
    replace(_LINPHONEC, name="linphonec-ipv6", host=IPV6, chosen=SMALL),
    _KAMAILIO,
    replace(_KAMAILIO, name="kamailio-digest", roles=("registrar",), credentials=("alice", "secret", "example.com")),
    replace(_KAMAILIO, name="kamailio-slow", roles=SERVER, slow=True, chosen=TIMERS),
    replace(_KAMAILIO, name="kamailio-tcp", transport="tcp", roles=SERVER),
    replace(_KAMAILIO, name="kamailio-ipv6", host=IPV6),
    _SIPP,
    replace(_SIPP, name="sipp-tcp", transport="tcp"),
    replace(_SIPP, name="sipp-ipv6", host=IPV6),
)
"""All settings, each of which has a namespace of its own."""
