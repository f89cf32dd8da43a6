"""``smoke`` tries every format that is claimed, and of a format the first struct that the subject supports."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.case import Outcome, Request
from conformance.commands.smoke import _decode, _misshapen, _nodes, smoke
from conformance.run.model import Json
from conformance.targets.process import Adapter


class OneStruct(Adapter):
    """Supports ProbeReq, has a fault of its own with SIP URIs."""

    def converse(self, requests: Sequence[Request]) -> list[Outcome]:
        """A result, a fault, or unsupported."""
        return [Outcome(request=one, kind="reply", reply=self._said(one), why="") for one in requests]

    def _said(self, one: Request) -> dict[str, Json]:
        if one.params["format"] == "sip.uri":
            return {"id": 1, "fault": "no idea"}
        return {"id": 1, "result": {}} if one.params.get("name") == "ProbeReq" else {"id": 1, "unsupported": "no"}


class DecodeTests(SynchronousTestCase):
    """The formats of a hello, tried."""

    def test_each_format(self) -> None:
        """The supported struct is found behind those that are not; a fault is told; a foreign format is not tried."""
        judged = list(_decode(OneStruct([]), {"formats": ["reload.struct", "sip.uri", "mine"]}))
        told = {name.split(" (")[0]: (name, good, seen) for name, good, seen in judged}
        self.assertEqual(set(told), {"decode reload.struct", "decode sip.uri"})
        self.assertIn("/probe_req/", told["decode reload.struct"][0])
        self.assertEqual(told["decode reload.struct"][1:], (True, "result"))
        self.assertEqual(told["decode sip.uri"][1:], (False, "fault"))

    def test_nothing_claimed(self) -> None:
        """A subject of other formats is not asked."""
        self.assertEqual([good for _, good, _ in _decode(OneStruct([]), {"formats": ["mine"]})], [True])


class NodeTests(SynchronousTestCase):
    """Nodes of the roles of a hello, tried."""

    def test_claimed(self) -> None:
        """A role that is claimed and kept; others are not tried."""
        adapter = Adapter([sys.executable, "-m", "conformance.mutants.dumb.subject", "always-200"])
        told = {name: (good, why) for name, good, why in smoke(adapter)}
        for role in ("proxy", "focus", "peer"):
            good, why = told[f"node of the role {role}"]
            self.assertFalse(good)
            self.assertIn("node.trigger", why)
        self.assertEqual(list(_nodes(adapter, {"roles": ["codec"]})), [])

    def test_kept(self) -> None:
        """An adapter that keeps the contract."""
        sample = Path(__file__).parents[2] / "live" / "test" / "sample_adapter.py"
        (judged,) = _nodes(Adapter([sys.executable, str(sample)]), {"roles": ["user-agent", "codec"]})
        self.assertEqual(
            judged, ("node of the role user-agent", True, "started, stopped; to OPTIONS it sends 1 message")
        )

    def test_misshapen(self) -> None:
        """A reply without what it must have is told."""
        for result, fault in (
            ({}, "sent"),
            ({"sent": [], "wake": "soon"}, "wake"),
            ({"sent": [{}], "wake": None}, "transport"),
        ):
            self.assertIn(fault, _misshapen(result))
