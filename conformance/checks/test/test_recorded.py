"""Cases from recordings."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.checks.codec import VectorCase
from conformance.checks.recorded import recorded_vectors
from conformance.checks.test.samples import outcomes
from conformance.run.model import Verdict, worst


class RecordedTests(SynchronousTestCase):
    """What third-party programs sent is input for a codec."""

    def test_messages(self) -> None:
        """Every case names the recording it comes from, expects a request or a response, and is asked for once."""
        found = recorded_vectors()
        self.assertGreater(len(found), 50)
        self.assertEqual(
            len({vector.octets for vector in found.values() if "call-udp" in vector.id}),
            sum("call-udp" in one for one in found),
        )
        for identity, vector in found.items():
            self.assertEqual((vector.origin.how, identity.split("/")[0]), ("recorded", "traces"))
            value = vector.expected("value")
            self.assertTrue("method" in value or "status_code" in value, identity)

    def test_judged(self) -> None:
        """Another value than the one that was recorded fails."""
        vector = next(iter(recorded_vectors().values()))
        right, wrong = (
            {"value": vector.expect["value"]},
            {"value": {**vector.expected("value"), "sip_version": "SIP/3.0"}},
        )
        case = VectorCase(vector)
        self.assertIs(worst(case.judge(outcomes(case, {"first": {"result": right}}))), Verdict.PASS)
        self.assertIs(worst(case.judge(outcomes(case, {"first": {"result": wrong}}))), Verdict.FAIL)

    def test_none(self) -> None:
        """Without recordings there are no cases."""
        self.patch(places, "traces", lambda: Path("no/such/folder"))
        self.assertEqual(recorded_vectors(), {})
