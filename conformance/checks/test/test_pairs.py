"""Every check of recorded exchanges holds on a trace and is broken by one change to it."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.checks.test.negative import Edit, edited, flow_of, negatives
from conformance.judge.catalog import checks
from conformance.judge.evidence import Evidence
from conformance.judge.follow import Reading, evidence_of_packets
from conformance.judge.predicate import Check, apply
from conformance.judge.traces import load_trace
from conformance.lab.capture.flow import Flow, packets_of
from conformance.run.model import Level, Origin, Verdict

ORIGIN = Origin(how="own", source="the tests")


@cache
def reading_of(trace: str) -> Reading:
    """How a trace is read."""
    return load_trace(places.traces() / trace).reading


def evidence_of(flow: Flow, trace: str) -> Evidence:
    """What is seen in a flow."""
    return evidence_of_packets(packets_of(flow), reading_of(trace))


@cache
def unchanged(trace: str) -> Evidence:
    """What is seen in a trace as it is."""
    return evidence_of(flow_of(trace), trace)


@cache
def parties_of(trace: str) -> dict[str, str]:
    """The parties of a trace's flow."""
    table = tomllib.loads((places.traces() / trace / "flow.toml").read_text("utf-8"))
    return cast("dict[str, str]", table["parties"])


class PairTests(SynchronousTestCase):
    """One right and one wrong stream for each check."""

    def test_every_check_has_a_negative(self) -> None:
        """No check is without a change that it must catch, and no entry is without its check.

        Checks over scenarios are proven by broken subjects that play them (``conformance/mutants``).
        """
        general = {one.id for one in checks() if not one.scenarios}
        self.assertEqual(sorted(one for one in negatives() if " + " not in one and one in general), sorted(general))
        self.assertEqual({one for one in negatives() if " + " not in one} - {one.id for one in checks()}, set())

    def test_pairs(self) -> None:
        """The trace as it is holds; the changed one fails, or is nonstrict where the check is a SHOULD."""
        problems = []
        known = {one.id: one for one in checks()}
        for name, (trace, *edits) in negatives().items():
            try:
                self._pair(known[name.partition(" + ")[0]], str(trace), cast("list[Edit]", edits))
            except (AssertionError, OSError, ValueError) as fault:
                problems.append(f"{name}: {fault}")
        self.assertEqual(problems, [], "\n".join(problems))

    def _pair(self, one: Check, trace: str, edits: list[Edit]) -> None:
        parties = parties_of(trace)
        given = [edit for edit in edits if edit.get("given")]
        wanted = Verdict.NONSTRICT if one.level is Level.SHOULD else Verdict.FAIL
        wanted = next((Verdict(str(edit["verdict"])) for edit in edits if "verdict" in edit), wanted)
        flow = edited(flow_of(trace), given, parties)
        before = apply(one, evidence_of(flow, trace) if given else unchanged(trace), ORIGIN)
        assert before.verdict is Verdict.PASS, f"{trace} is {before.verdict}: {before.decisive}"
        changes = [edit for edit in edits if edit not in given and "verdict" not in edit]
        after = apply(one, evidence_of(edited(flow, changes, parties), trace), ORIGIN)
        assert after.verdict is wanted, f"changed {trace} is {after.verdict}: {after.findings}"
