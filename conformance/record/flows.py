"""The flows that are recorded: who calls whom, and what it shows."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.record.linphone import Linphone
from conformance.record.programs import (
    Baresip,
    Missing,
    Program,
    kamailio,
    settled,
    sipp,
)
from conformance.record.scenarios import CONFERENCE, request

KAMAILIO, ALICE, BOB, CAROL, LINPHONE = "127.0.0.1:5060", 5070, 5080, 5090, 5084


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One recording: where it is kept, what it shows, the programs in it and the steps."""

    folder: str
    title: str
    what: str
    clauses: tuple[str, ...]
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


FLOWS: tuple[Flow, ...] = (
    Flow(
        folder="rfc3261/register-udp",
        title="A phone registers with digest authentication",
        what="A phone registers, is challenged, registers with credentials, and removes its binding in the same way at the end.",
        clauses=("rfc3261:10.2/0", "rfc3261:10.3/0", "rfc3261:22.2/0"),
        programs=("baresip", "kamailio"),
        transport="udp",
        steps=_register("udp"),
    ),
    Flow(
        folder="rfc3261/register-tcp",
        title="A phone registers over TCP with digest authentication",
        what="The same over one TCP connection, which the registrar reuses for its answers.",
        clauses=("rfc3261:10.2/0", "rfc3261:18.2.2/0", "rfc3261:22.2/0"),
        programs=("baresip", "kamailio"),
        transport="tcp",
        steps=_register("tcp"),
    ),
    Flow(
        folder="rfc3261/call-udp",
        title="Three calls",
        what="INVITE, 180, 200, ACK, BYE and 200, three times.",
        clauses=("rfc3261:13.2/0", "rfc3261:15.1/0"),
        programs=("sipp",),
        transport="udp",
        steps=_calls(),
    ),
    Flow(
        folder="rfc3261/call-tcp",
        title="Three calls over TCP",
        what="INVITE, 180, 200, ACK, BYE and 200, three times on one connection.",
        clauses=("rfc3261:13.2/0", "rfc3261:18.3/0"),
        programs=("sipp",),
        transport="tcp",
        steps=_calls("-t", "t1"),
    ),
    Flow(
        folder="rfc3261/call-phones",
        title="One phone calls another",
        what="A call between two phones with an offer in the INVITE and the answer in the 200, ended by the caller.",
        clauses=("rfc3261:13.2/0", "rfc3264:5/0"),
        programs=("baresip",),
        transport="udp",
        steps=_phones,
    ),
    Flow(
        folder="rfc3261/call-through-proxy",
        title="A call through a record-routing proxy",
        what="Two phones register; one calls the other; the proxy stays in the route of the dialog.",
        clauses=("rfc3261:16.6/0", "rfc3261:12.2/0"),
        programs=("baresip", "kamailio"),
        transport="udp",
        steps=_through_proxy,
    ),
    Flow(
        folder="rfc3264/hold-udp",
        title="A call is put on hold and resumed by re-INVITE",
        what="The caller offers sendonly, then sendrecv again.",
        clauses=("rfc3264:8.4/0", "rfc3261:14.1/0"),
        programs=("baresip",),
        transport="udp",
        steps=_hold("udp"),
    ),
    Flow(
        folder="rfc3264/hold-tcp",
        title="A call over TCP is put on hold and resumed by re-INVITE",
        what="The caller offers sendonly, then sendrecv again, on one connection.",
        clauses=("rfc3264:8.4/0", "rfc3261:14.1/0"),
        programs=("baresip",),
        transport="tcp",
        steps=_hold("tcp"),
    ),
    Flow(
        folder="rfc3264/hold-linphone",
        title="Another phone puts a call on hold and resumes it",
        what="Two different phones: the caller pauses and resumes.",
        clauses=("rfc3264:8.4/0", "rfc3261:14.1/0"),
        programs=("linphonec", "baresip"),
        transport="udp",
        steps=_linphone_hold,
    ),
    Flow(
        folder="rfc3515/transfer",
        title="A call is transferred by REFER within its dialog",
        what="The caller refers the callee to a third phone, which the callee then calls; notifications tell how it went.",
        clauses=("rfc3515:2.4/0", "rfc3515:4.1/0"),
        programs=("baresip",),
        transport="udp",
        steps=_transfer,
    ),
    Flow(
        folder="rfc6665/conference-udp",
        title="A watcher of a conference is notified of what is published",
        what="SUBSCRIBE, first NOTIFY, a publication, the NOTIFY with the document, the end of the subscription.",
        clauses=("rfc6665:4.1/0", "rfc6665:4.2/0", "rfc4575:3/0"),
        programs=("sipp", "kamailio"),
        transport="udp",
        steps=_conference(),
    ),
    Flow(
        folder="rfc6665/conference-tcp",
        title="A watcher of a conference is notified over TCP",
        what="SUBSCRIBE, first NOTIFY, a publication, the NOTIFY with the document, the end of the subscription, on one connection.",
        clauses=("rfc6665:4.1/0", "rfc6665:4.2/0", "rfc4575:3/0"),
        programs=("sipp", "kamailio"),
        transport="tcp",
        steps=_conference("-t", "t1"),
    ),
    Flow(
        folder="rfc3261/options",
        title="A proxy and a phone are asked for their abilities",
        what="OPTIONS to each, answered with 200.",
        clauses=("rfc3261:11.1/0", "rfc3261:11.2/0"),
        programs=("sipsak", "kamailio", "baresip"),
        transport="udp",
        steps=_options,
    ),
    Flow(
        folder="rfc3261/cancel",
        title="A caller gives up before the answer",
        what="INVITE, 180, CANCEL with its 200, 487 to the INVITE and its ACK.",
        clauses=("rfc3261:9.1/0", "rfc3261:9.2/0"),
        programs=("baresip",),
        transport="udp",
        steps=_cancel,
    ),
    Flow(
        folder="rfc3261/busy",
        title="A callee declines",
        what="INVITE, 180, 486 and its ACK.",
        clauses=("rfc3261:13.3.1.3/0", "rfc3261:17.1.1.3/0"),
        programs=("baresip",),
        transport="udp",
        steps=_busy,
    ),
    Flow(
        folder="rfc3261/refused-by-proxy",
        title="Requests that a proxy refuses",
        what="An INVITE to an unknown user gets 404, an OPTIONS without hops left 483.",
        clauses=("rfc3261:16.3/0", "rfc3261:21.4/0"),
        programs=("sipp", "kamailio"),
        transport="udp",
        steps=_refused_by_proxy,
    ),
    Flow(
        folder="rfc3261/refused-by-baresip",
        title="Requests that a phone refuses",
        what="A required extension gets 420, REFER outside a dialog and UPDATE get 501.",
        clauses=("rfc3261:8.2.2.3/0", "rfc3261:8.2.1/0"),
        programs=("sipp", "baresip"),
        transport="udp",
        steps=_refused_by_baresip,
    ),
    Flow(
        folder="rfc3261/refused-by-linphone",
        title="Requests that another phone refuses",
        what="REFER outside a dialog and a subscription to the conference package get 603.",
        clauses=("rfc3261:21.6/0", "rfc6665:4.2.1.1/0"),
        programs=("sipp", "linphonec"),
        transport="udp",
        steps=_refused_by_linphone,
    ),
    Flow(
        folder="rfc3261/require-ignored",
        title="A phone overlooks an extension that is required",
        what="An OPTIONS that requires an extension nobody knows gets 200 where 420 is owed.",
        clauses=("rfc3261:8.2.2.3/0",),
        programs=("sipp", "linphonec"),
        transport="udp",
        steps=_linphone_ignores_require,
    ),
)
