"""``disco-conformance smoke TARGET``: does an adapter keep the contract at all? (SUBJECT.md)"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.markup import escape

from conformance.checks.case import Outcome, Request
from conformance.checks.codec import VectorCase, cases
from conformance.errors import Misuse
from conformance.report.page.showing import printable
from conformance.run.execution import HELLO
from conformance.run.suite import load_suite
from conformance.targets.address import parse_target
from conformance.targets.process import BUDGET, Adapter

UNKNOWN = "there-is-no-such-command"
"""A command that no subject has."""

_Judged = tuple[str, bool, str]


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


def _malformed(adapter: Adapter) -> _Judged:
    """A line that is not JSON: the subject may answer or end, but it does not hang, and it works when started again."""
    outcome = adapter.after_garbage(HELLO)
    good = "result" in outcome.reply
    return (
        "a line that is not JSON",
        good,
        "hello works afterwards" if good else outcome.why or str(dict(outcome.reply)),
    )
