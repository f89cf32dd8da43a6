"""``disco-conformance smoke TARGET``: does an adapter keep the contract at all? (SUBJECT.md)"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace

from rich.console import Console
from rich.markup import escape

from conformance.checks.case import Outcome, Request
from conformance.checks.codec import VectorCase, cases
from conformance.errors import Misuse
from conformance.live.network.virtual import START, listening, settings_of
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.virtual import SUBJECT
from conformance.live.scenario import OVERLAY_ROLES, SIP_ROLES
from conformance.live.subject import shown
from conformance.mutants.broken import subject_of as virtual_subject_of
from conformance.report.page.showing import printable
from conformance.run.execution import HELLO
from conformance.run.model import Json
from conformance.run.suite import load_suite
from conformance.targets.address import parse_target
from conformance.targets.process import BUDGET, Adapter

UNKNOWN = "there-is-no-such-command"
"""A command that no subject has."""

SENT = ("transport", "source", "destination", "octets")
"""What everything has that a node sends."""
CRLF = "\r\n"

NONSENSE = "node.trigger"
"""The command with which a node is asked for what it cannot know."""

_Judged = tuple[str, bool, str]
_Course = list[tuple[str, dict[str, Json]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The target, and how long a reply is awaited."""
    parser.add_argument("target", metavar="TARGET", help="exec:./adapter --flag")
    parser.add_argument("--budget", type=float, default=BUDGET, metavar="SECONDS", help="a reply is awaited so long")


def run(args: argparse.Namespace) -> int:
    """Try the adapter; 0 if it keeps the contract, 1 if not."""
    address = parse_target(args.target)
    if address.scheme != "exec":
        raise Misuse(f"smoke tries adapters (exec:), not {address.scheme}:")
    console = Console(highlight=False, soft_wrap=True)
    well = True
    for name, good, why in smoke(Adapter(address.arguments, budget=args.budget)):
        well &= good
        console.print(
            f"[{'green' if good else 'red'}]{'ok' if good else 'no'}[/]  {name}: {escape(printable(why))}",
            soft_wrap=True,
        )
    return 0 if well else 1


def smoke(adapter: Adapter) -> Iterator[_Judged]:
    """Each part of the contract that is tried: (what, whether it holds, what was seen)."""
    outcomes = adapter.converse([HELLO, Request(step="unknown", command=UNKNOWN, params={}), HELLO])
    yield _hello(outcomes[0])
    yield _unknown(outcomes[1])
    yield "alive afterwards", "result" in outcomes[2].reply, outcomes[2].why or "hello is answered again"
    if "result" in outcomes[0].reply:
        yield from _decode(adapter, outcomes[0].reply["result"])
        yield from _nodes(adapter, outcomes[0].reply["result"])
    yield _malformed(adapter)


def _hello(outcome: Outcome) -> _Judged:
    result = outcome.reply.get("result")
    if not isinstance(result, Mapping):
        return "hello", False, outcome.why or f"no result: {dict(outcome.reply)}"
    for member, kind in (("name", str), ("roles", list)):
        if not isinstance(result.get(member), kind):
            return "hello", False, f"the result has no `{member}`"
    said = (
        f"{result['name']} {result.get('version', '')}, roles {result['roles']}, formats {result.get('formats', 'all')}"
    )
    return "hello", True, said


def _unknown(outcome: Outcome) -> _Judged:
    good = "unsupported" in outcome.reply
    return (
        "a command that does not exist",
        good,
        "unsupported" if good else outcome.why or f"answered {dict(outcome.reply)}",
    )


def _decode(adapter: Adapter, hello: object) -> Iterator[_Judged]:
    """A valid vector of each format that is claimed: the subject reads it or says that it does not support it."""
    claimed = hello.get("formats") if isinstance(hello, Mapping) else None
    wanted: dict[str, dict[str, VectorCase]] = {}
    for case in cases(load_suite().vectors).values():
        if case.kind == "valid" and case.vector.command == "decode" and (not claimed or case.format in claimed):
            wanted.setdefault(case.format, {}).setdefault(case.name, case)
    if not wanted:
        yield "decode", True, "not tried: no vector of a format that is claimed"
    for format, by_name in wanted.items():
        tried = list(by_name.values())
        outcomes = adapter.converse([one.requests()[0] for one in tried])
        bad = [one.kind != "reply" or "fault" in one.reply for one in outcomes]
        answered = [not wrong and "unsupported" not in one.reply for wrong, one in zip(bad, outcomes, strict=True)]
        at = bad.index(True) if any(bad) else answered.index(True) if any(answered) else 0
        seen = outcomes[at].why or next((kind for kind in outcomes[at].reply if kind != "id"), "nothing")
        yield f"decode {format} ({tried[at].id})", not any(bad), seen


def _nodes(adapter: Adapter, hello: object) -> Iterator[_Judged]:
    """A node of each role that is claimed: it starts, takes a request where it speaks SIP, is told the time, is asked for nonsense, stops."""
    claimed = hello.get("roles") if isinstance(hello, Mapping) else ()
    for role in (one for one in (*SIP_ROLES, *OVERLAY_ROLES) if isinstance(claimed, list) and one in claimed):
        course = _life_in_an_overlay() if role in OVERLAY_ROLES else _life_of_a_phone(role)
        outcomes = adapter.converse(_life_of_a_node(role, course))
        good = [("unsupported" if one.request.command == NONSENSE else "result") in one.reply for one in outcomes]
        wrong = next((one for one, well in zip(outcomes, good, strict=True) if not well), None)
        if wrong is not None:
            yield f"node of the role {role}", False, f"{wrong.request.command}: {wrong.why or dict(wrong.reply)}"
            continue
        results = [one.reply["result"] for one in outcomes if "result" in one.reply]
        faults = [fault for one in results if (fault := _misshapen(one))]
        said = results[1]
        sent = said.get("sent") if isinstance(said, Mapping) else None
        count = len(sent) if isinstance(sent, list) else 0
        sends = f"; to OPTIONS it sends {count} message{'' if count == 1 else 's'}" if role in SIP_ROLES else ""
        yield f"node of the role {role}", not faults, faults[0] if faults else f"started, stopped{sends}"


def _life_of_a_node(role: str, course: _Course) -> list[Request]:
    """The commands of a course, and then nonsense, and the end."""
    course = [*course, (NONSENSE, {"do": "there-is-no-such-thing"}), ("node.stop", {})]
    course[0][1]["role"] = role
    return [
        Request(step=command, command=command, params={"node": "smoke", "now": START + number, **params})
        for number, (command, params) in enumerate(course)
    ]


def _life_of_a_phone(role: str) -> _Course:
    """Of a node that speaks SIP, whichever: it starts, and takes a request."""
    subject = virtual_subject_of(role)
    ask = CRLF.join(
        [f"OPTIONS {subject.uri} SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.11:5060;branch=z9hG4bKsmoke;rport", "Max-Forwards: 70",
         "From: <sip:smoke@192.0.2.11:5060>;tag=s1", f"To: <{subject.uri}>", "Call-ID: smoke", "CSeq: 1 OPTIONS",
         "Contact: <sip:smoke@192.0.2.11:5060>", "Content-Length: 0", "", ""]
    ).encode()  # fmt: skip
    arrival: dict[str, Json] = {
        "transport": "udp", "source": "192.0.2.11:5060", "destination": shown(subject.address), "octets": ask.hex(),
        "connection": None,
    }  # fmt: skip
    start: dict[str, Json] = {"listening": listening(subject.address), "settings": settings_of(subject)}
    return [("node.start", start), ("node.receive", arrival), ("node.advance", {})]


def _life_in_an_overlay() -> _Course:
    """Of a node that is the first of an overlay."""
    overlay = Overlay(START)
    overlay.document = replace(overlay.document, bootstrap=[SUBJECT])
    identity = overlay.certify(f"smoke@{overlay.name}")
    settings: dict[str, Json] = {
        "configuration": overlay.document.octets().decode(), "first": True, "key": identity.private.hex(),
        "certificates": [one.hex() for one in identity.shown],
    }  # fmt: skip
    listens: Json = [{"transport": one, "address": shown(SUBJECT)} for one in ("tls", "dtls")]
    return [("node.start", {"listening": listens, "settings": settings}), ("node.advance", {})]


def _misshapen(result: object) -> str:
    """What is wrong with the result of a command to a node; empty where nothing is."""
    if not isinstance(result, Mapping) or not isinstance(result.get("sent"), list):
        return "the result has no list `sent`"
    wake = result.get("wake")
    if isinstance(wake, bool) or not isinstance(wake, int | float | None):
        return f"`wake` is {wake!r}, and not a time or null"
    for one in result["sent"]:
        missing = [name for name in SENT if not isinstance(one, Mapping) or not isinstance(one.get(name), str)]
        if missing:
            return f"what is sent has no `{missing[0]}`"
    return ""


def _malformed(adapter: Adapter) -> _Judged:
    """A line that is not JSON: the subject may answer or end, but it does not hang, and it works when started again."""
    outcome = adapter.after_garbage(HELLO)
    good = "result" in outcome.reply
    return (
        "a line that is not JSON",
        good,
        "hello works afterwards" if good else outcome.why or str(dict(outcome.reply)),
    )
