"""The flows that are recorded: who calls whom, and what it shows."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.record.programs import Baresip, Linphone, Missing, Program, kamailio, settled, sipp
from conformance.record.scenarios import CONFERENCE, request

KAMAILIO, ALICE, BOB, CAROL, LINPHONE = "127.0.0.1:5060", 5070, 5080, 5090, 5084


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One recording: where it is kept, what it shows, the programs in it and the steps."""

    folder: str
    title: str
    programs: tuple[str, ...]
    transport: str
    steps: Callable[[Path, ExitStack], None]


@contextmanager
def _running(program: Program) -> Iterator[Program]:
    try:
        yield program
    finally:
        program.stop()


def _phone(
    stack: ExitStack,
    work: Path,
    user: str,
    port: int,
    account: str = "regint=0;answermode=auto",
    transport: str = "udp",
) -> Baresip:
    phone = Baresip(work / user, user, port, account, transport)
    stack.enter_context(_running(phone))
    return phone


def _account(extra: str = "") -> str:
    return f"@{KAMAILIO};regint=600;answermode=auto{extra}"


def _register(transport: str) -> Callable[[Path, ExitStack], None]:
    def steps(work: Path, stack: ExitStack) -> None:
        stack.enter_context(_running(kamailio(work / "kamailio", challenge=True)))
        _phone(stack, work, "alice", ALICE, _account(";auth_user=alice;auth_pass=secret"), transport)
        time.sleep(2)

    return steps


def _calls(*transport: str) -> Callable[[Path, ExitStack], None]:
    def steps(work: Path, stack: ExitStack) -> None:
        stack.enter_context(_running(sipp(work, "uas", "-sn", "uas", "-p", "5070", "-mp", "30100", *transport)))
        settled(("127.0.0.1", 5070), udp=not transport)
        call = ("-sn", "uac", "-p", "5090", "-mp", "30000", "-s", "bob", "-m", "3", "-l", "1", "-d", "300")
        sipp(work, "uac", *call, *transport, "127.0.0.1:5070").wait(30)

    return steps


def _phones(work: Path, stack: ExitStack) -> None:
    _phone(stack, work, "bob", BOB)
    alice = _phone(stack, work, "alice", ALICE)
    alice.say("dial", f"sip:bob@127.0.0.1:{BOB}")
    alice.until("CALL_ESTABLISHED")
    time.sleep(1)
    alice.say("hangup")
    time.sleep(1)


def _through_proxy(work: Path, stack: ExitStack) -> None:
    stack.enter_context(_running(kamailio(work / "kamailio")))
    _phone(stack, work, "bob", BOB, _account())
    alice = _phone(stack, work, "alice", ALICE, _account())
    time.sleep(2)
    alice.say("dial", f"sip:bob@{KAMAILIO}")
    alice.until("CALL_ESTABLISHED")
    time.sleep(1)
    alice.say("hangup")
    time.sleep(1)


def _hold(transport: str) -> Callable[[Path, ExitStack], None]:
    def steps(work: Path, stack: ExitStack) -> None:
        _phone(stack, work, "bob", BOB, transport=transport)
        alice = _phone(stack, work, "alice", ALICE, transport=transport)
        alice.say("dial", f"sip:bob@127.0.0.1:{BOB}")
        alice.until("CALL_ESTABLISHED")
        for command in ("hold", "resume", "hangup"):
            time.sleep(1)
            alice.say(command)
        time.sleep(1)

    return steps


def _linphone_hold(work: Path, stack: ExitStack) -> None:
    _phone(stack, work, "bob", BOB)
    phone = Linphone(work / "linphone", LINPHONE)
    stack.enter_context(_running(phone))
    phone.say("soundcard use files")
    phone.say(f"call sip:bob@127.0.0.1:{BOB}")
    time.sleep(3)
    for command in ("pause", "resume", "terminate"):
        phone.say(command)
        time.sleep(2)


def _transfer(work: Path, stack: ExitStack) -> None:
    _phone(stack, work, "carol", CAROL)
    _phone(stack, work, "bob", BOB)
    alice = _phone(stack, work, "alice", ALICE)
    alice.say("dial", f"sip:bob@127.0.0.1:{BOB}")
    alice.until("CALL_ESTABLISHED")
    time.sleep(0.5)
    alice.say("transfer", f"sip:carol@127.0.0.1:{CAROL}")
    time.sleep(3)


def _conference(*transport: str) -> Callable[[Path, ExitStack], None]:
    def steps(work: Path, stack: ExitStack) -> None:
        stack.enter_context(_running(kamailio(work / "kamailio")))
        sipp(work, "watcher", "-s", "meeting", "-p", "5090", "-m", "1", *transport, KAMAILIO, scenario=CONFERENCE).wait(
            30
        )

    return steps


def _options(work: Path, stack: ExitStack) -> None:
    stack.enter_context(_running(kamailio(work / "kamailio")))
    _phone(stack, work, "bob", BOB)
    if shutil.which("sipsak") is None:
        raise Missing("sipsak is not installed")
    for target in (f"sip:{KAMAILIO}", f"sip:bob@127.0.0.1:{BOB}"):
        subprocess.run(["sipsak", "-s", target, "-H", "127.0.0.1"], capture_output=True, timeout=20, check=False)
        time.sleep(0.3)


def _cancel(work: Path, stack: ExitStack) -> None:
    bob = _phone(stack, work, "bob", BOB, "regint=0;answermode=manual")
    alice = _phone(stack, work, "alice", ALICE)
    alice.say("dial", f"sip:bob@127.0.0.1:{BOB}")
    bob.until("CALL_INCOMING")
    time.sleep(0.7)
    alice.say("hangup")
    time.sleep(1)


def _busy(work: Path, stack: ExitStack) -> None:
    bob = _phone(stack, work, "bob", BOB, "regint=0;answermode=manual")
    alice = _phone(stack, work, "alice", ALICE)
    alice.say("dial", f"sip:bob@127.0.0.1:{BOB}")
    bob.until("CALL_INCOMING")
    time.sleep(0.5)
    bob.say("hangup")
    time.sleep(1)


def _one_request(work: Path, name: str, scenario: str, target: str, *transport: str) -> None:
    words = ("-s", "bob", "-p", "5091", "-m", "1", "-timeout", "8s", *transport, target)
    sipp(work, name, *words, scenario=scenario).wait(20)
    time.sleep(0.3)


def _refused_by_proxy(work: Path, stack: ExitStack) -> None:
    stack.enter_context(_running(kamailio(work / "kamailio")))
    _one_request(work, "unknown-user", request("INVITE", final=404), KAMAILIO)
    _one_request(work, "no-hops-left", request("OPTIONS", final=483, hops=0), KAMAILIO)


def _refused_by_baresip(work: Path, stack: ExitStack) -> None:
    _phone(stack, work, "bob", BOB)
    target = f"127.0.0.1:{BOB}"
    _one_request(work, "extension", request("INVITE", final=420, extra="Require: xyzzy"), target)
    _one_request(work, "refer", request("REFER", final=501, extra="Refer-To: <sip:carol@127.0.0.1>"), target)
    _one_request(work, "update", request("UPDATE", final=501), target)


def _refused_by_linphone(work: Path, stack: ExitStack) -> None:
    stack.enter_context(_running(Linphone(work / "linphone", LINPHONE)))
    target = f"127.0.0.1:{LINPHONE}"
    _one_request(work, "refer", request("REFER", final=603, extra="Refer-To: <sip:carol@127.0.0.1>"), target)
    subscribe = request(
        "SUBSCRIBE",
        final="[3-6][0-9][0-9]",
        extra="Event: conference\nAccept: application/conference-info+xml\nExpires: 600",
    )
    _one_request(work, "subscribe", subscribe, target)


def _linphone_ignores_require(work: Path, stack: ExitStack) -> None:
    phone = Linphone(work / "linphone", LINPHONE)
    stack.enter_context(_running(phone))
    phone.say("autoanswer enable")
    _one_request(work, "extension", request("OPTIONS", final=200, extra="Require: xyzzy"), f"127.0.0.1:{LINPHONE}")


def _flow(folder: str, title: str, programs: str, transport: str, steps: Callable[[Path, ExitStack], None]) -> Flow:
    return Flow(folder=folder, title=title, programs=tuple(programs.split()), transport=transport, steps=steps)


FLOWS: tuple[Flow, ...] = (
    _flow(
        "rfc3261/register-udp",
        "A phone registers with digest authentication",
        "baresip kamailio",
        "udp",
        _register("udp"),
    ),
    _flow(
        "rfc3261/register-tcp",
        "A phone registers over TCP with digest authentication",
        "baresip kamailio",
        "tcp",
        _register("tcp"),
    ),
    _flow("rfc3261/call-udp", "Three calls", "sipp", "udp", _calls()),
    _flow("rfc3261/call-tcp", "Three calls over TCP", "sipp", "tcp", _calls("-t", "t1")),
    _flow("rfc3261/call-phones", "One phone calls another", "baresip", "udp", _phones),
    _flow(
        "rfc3261/call-through-proxy", "A call through a record-routing proxy", "baresip kamailio", "udp", _through_proxy
    ),
    _flow("rfc3264/hold-udp", "A call is put on hold and resumed by re-INVITE", "baresip", "udp", _hold("udp")),
    _flow(
        "rfc3264/hold-tcp", "A call over TCP is put on hold and resumed by re-INVITE", "baresip", "tcp", _hold("tcp")
    ),
    _flow(
        "rfc3264/hold-linphone",
        "Another phone puts a call on hold and resumes it",
        "linphonec baresip",
        "udp",
        _linphone_hold,
    ),
    _flow("rfc3515/transfer", "A call is transferred by REFER within its dialog", "baresip", "udp", _transfer),
    _flow(
        "rfc6665/conference-udp",
        "A watcher of a conference is notified of what is published",
        "sipp kamailio",
        "udp",
        _conference(),
    ),
    _flow("rfc6665/conference-tcp", "The same over TCP", "sipp kamailio", "tcp", _conference("-t", "t1")),
    _flow(
        "rfc3261/options",
        "A proxy and a phone are asked for their abilities",
        "sipsak kamailio baresip",
        "udp",
        _options,
    ),
    _flow("rfc3261/cancel", "A caller gives up before the answer", "baresip", "udp", _cancel),
    _flow("rfc3261/busy", "A callee declines", "baresip", "udp", _busy),
    _flow("rfc3261/refused-by-proxy", "Requests that a proxy refuses", "sipp kamailio", "udp", _refused_by_proxy),
    _flow("rfc3261/refused-by-baresip", "Requests that a phone refuses", "sipp baresip", "udp", _refused_by_baresip),
    _flow(
        "rfc3261/refused-by-linphone",
        "Requests that another phone refuses",
        "sipp linphonec",
        "udp",
        _refused_by_linphone,
    ),
    _flow(
        "rfc3261/require-ignored",
        "A phone overlooks an extension that is required",
        "sipp linphonec",
        "udp",
        _linphone_ignores_require,
    ),
)
