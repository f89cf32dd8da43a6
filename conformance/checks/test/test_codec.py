"""The judge of vectors: what each outcome means."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.codec import VectorCase, cases
from conformance.checks.test.samples import faulty, outcomes, vector
from conformance.run.model import Level, Verdict, worst
from conformance.vectors import Part

RIGHT: dict[str, Any] = {
    "first": {"result": {"value": {"requested_info": ["responsible_set", "num_resources"]}}},
    "again": {"result": {"bytes": "020102"}},
    "encode": {"result": {"bytes": "020102"}},
}
REFUSED: dict[str, Any] = {"refusal": {"why": "too short", "where": "requested_info", "error": 20}}


def verdict(case: VectorCase, replies: dict[str, Any]) -> Verdict:
    """The verdict over some replies."""
    return worst(case.judge(outcomes(case, replies)))


class ValidTests(SynchronousTestCase):
    """A right input is read, written back and written from its value."""

    case = VectorCase(vector())

    def test_right(self) -> None:
        """Everything right passes."""
        self.assertIs(verdict(self.case, RIGHT), Verdict.PASS)

    def test_optional_input(self) -> None:
        """An input that may be refused: refusing it is an option not taken, reading it as something else no pass."""
        case = VectorCase(vector(level=Level.MAY))
        self.assertIs(verdict(case, {**RIGHT, "first": REFUSED}), Verdict.NOT_APPLICABLE)
        self.assertIs(verdict(case, {**RIGHT, "first": {"result": {"value": {}}}}), Verdict.NONSTRICT)
        self.assertIs(verdict(case, {**RIGHT, "again": {"result": {"bytes": "00"}}}), Verdict.NONSTRICT)

    def test_wrong_value(self) -> None:
        """A value read wrongly fails, and says where."""
        replies = {**RIGHT, "first": {"result": {"value": {"requested_info": ["uptime", "num_resources"]}}}}
        findings = self.case.judge(outcomes(self.case, replies))
        self.assertIs(worst(findings), Verdict.FAIL)
        self.assertEqual(findings[0].place, "value.requested_info[0]")
        self.assertEqual(findings[0].events, (2,))

    def test_refused(self) -> None:
        """A right input that is refused fails."""
        self.assertIs(verdict(self.case, {**RIGHT, "first": REFUSED}), Verdict.FAIL)

    def test_reencode(self) -> None:
        """Other octets, a refusal or nothing at all on the way back fail."""
        replies: list[Any] = [{"result": {"bytes": "020101"}}, REFUSED, {"result": {}}, "silence", "ended"]
        for reply in replies:
            self.assertIs(verdict(self.case, {**RIGHT, "again": reply}), Verdict.FAIL, str(reply))

    def test_encode(self) -> None:
        """Other octets for the value fail where the vector names all of it."""
        self.assertIs(verdict(self.case, {**RIGHT, "encode": {"result": {"bytes": "00"}}}), Verdict.FAIL)

    def test_encode_of_a_part(self) -> None:
        """Where the vector names a part of the value only, encode is not judged."""
        whole = {"requested_info": ["responsible_set", "num_resources"], "more": 1}
        replies = {**RIGHT, "first": {"result": {"value": whole}}, "encode": REFUSED}
        self.assertIs(verdict(self.case, replies), Verdict.PASS)

    def test_commands_that_a_subject_does_not_do(self) -> None:
        """Reencode and encode may be unsupported; a format that is not supported is not applicable."""
        self.assertIs(verdict(self.case, {"first": RIGHT["first"]}), Verdict.PASS)
        self.assertIs(verdict(self.case, {}), Verdict.NOT_APPLICABLE)

    def test_claimed_formats(self) -> None:
        """Of a format that is claimed every command is expected."""
        strict = VectorCase(vector(), strict=True)
        self.assertIs(verdict(strict, {"first": RIGHT["first"]}), Verdict.FAIL)

    def test_conduct(self) -> None:
        """Silence, an end, garbage and a fault fail, whatever the level."""
        case = VectorCase(vector(level=Level.MAY))
        for reply in ("silence", "ended", "garbage", {"fault": "broken"}):
            self.assertIs(verdict(case, {**RIGHT, "first": reply}), Verdict.FAIL, str(reply))

    def test_given_up(self) -> None:
        """What was not asked is inconclusive."""
        self.assertIs(verdict(self.case, {**RIGHT, "first": "unasked"}), Verdict.INCONCLUSIVE)

    def test_levels(self) -> None:
        """A SHOULD that is not followed is nonstrict, a MAY that is not taken not applicable."""
        for level, expected in ((Level.SHOULD, Verdict.NONSTRICT), (Level.MAY, Verdict.NOT_APPLICABLE)):
            self.assertIs(verdict(VectorCase(vector(level=level)), {**RIGHT, "first": REFUSED}), expected)


class CanonicalTests(SynchronousTestCase):
    """Input that must be accepted and is written otherwise."""

    def test_octets_given(self) -> None:
        """What is written is what the vector says, not the input."""
        case = VectorCase(vector(kind="canonical", expect={**vector().expect, "bytes": "020103"}))
        replies = {**RIGHT, "again": {"result": {"bytes": "020103"}}, "encode": {"result": {"bytes": "020103"}}}
        self.assertIs(verdict(case, replies), Verdict.PASS)
        self.assertIs(verdict(case, {**replies, "again": {"result": {"bytes": "020102"}}}), Verdict.FAIL)

    def test_spelling_is_free(self) -> None:
        """Where SIP leaves the spelling to the writer, what is written must read as the same value."""
        value = {"value": ["INVITE"]}
        case = VectorCase(vector(kind="canonical", format="sip.header", name="Allow", expect=value))
        replies = {"first": {"result": value}, "again": {"result": {"bytes": "41"}}}
        self.assertIs(verdict(case, {**replies, "again-back": {"result": value}}), Verdict.PASS)
        self.assertIs(verdict(case, {**replies, "again-back": {"result": {"value": []}}}), Verdict.FAIL)
        self.assertIs(verdict(case, {**replies, "again-back": {"refusal": {"why": "no"}}}), Verdict.FAIL)


class InvalidTests(SynchronousTestCase):
    """A faulty input is refused by a subject that reads the right one."""

    case = VectorCase(faulty(), vector())
    alive: dict[str, Any] = {"probe": RIGHT["first"]}

    def test_refused(self) -> None:
        """A refusal by a subject that still reads the right input passes."""
        self.assertIs(verdict(self.case, {"first": REFUSED, **self.alive}), Verdict.PASS)

    def test_accepted(self) -> None:
        """A faulty input that is accepted fails."""
        self.assertIs(verdict(self.case, {"first": RIGHT["first"], **self.alive}), Verdict.FAIL)

    def test_refuses_everything(self) -> None:
        """A refusal shows nothing where the right input is refused too."""
        self.assertIs(verdict(self.case, {"first": REFUSED, "probe": REFUSED}), Verdict.INCONCLUSIVE)

    def test_dead_afterwards(self) -> None:
        """A subject that is gone after the refusal fails."""
        for reply in ("silence", "ended", "garbage"):
            self.assertIs(verdict(self.case, {"first": REFUSED, "probe": reply}), Verdict.FAIL, reply)

    def test_silence_is_no_refusal(self) -> None:
        """Silence on the faulty input fails, also where the subject is alive."""
        self.assertIs(verdict(self.case, {"first": "silence", **self.alive}), Verdict.FAIL)

    def test_codes(self) -> None:
        """A wrong code fails, none is fine, and True is not 1."""
        for error, expected in ((6, Verdict.FAIL), (None, Verdict.PASS), (True, Verdict.FAIL)):
            refused = {"refusal": {"why": "no", "error": error}}
            self.assertIs(verdict(self.case, {"first": refused, **self.alive}), expected, str(error))

    def test_optional_fault(self) -> None:
        """A fault that may be overlooked: accepting it is an option not taken, a wrong code is a deviation."""
        case = VectorCase(faulty(level=Level.MAY), vector())
        self.assertIs(verdict(case, {"first": {"result": {"value": {}}}, **self.alive}), Verdict.NOT_APPLICABLE)
        refused = {"refusal": {"why": "no", "error": 6}}
        self.assertIs(verdict(case, {"first": refused, **self.alive}), Verdict.NONSTRICT)

    def test_no_code(self) -> None:
        """A refusal without the code that is owed: not observable, and a deviation where every command is claimed."""
        refused = {"first": {"refusal": {"why": "no"}}, **self.alive}
        findings = self.case.judge(outcomes(self.case, refused))
        self.assertIn(Verdict.NOT_OBSERVABLE, [one.verdict for one in findings])
        strict = VectorCase(faulty(), vector(), strict=True)
        self.assertIs(worst(strict.judge(outcomes(strict, refused))), Verdict.NONSTRICT)

    def test_drop(self) -> None:
        """A status may be a number or the word drop."""
        case = VectorCase(faulty(expect={"refusal": {"status": [400, "drop"]}}), vector())
        for status, expected in ((400, Verdict.PASS), ("drop", Verdict.PASS), (500, Verdict.FAIL)):
            refused = {"refusal": {"why": "no", "status": status}}
            self.assertIs(verdict(case, {"first": refused, **self.alive}), expected, str(status))

    def test_a_reason_is_needed(self) -> None:
        """A refusal without a reason breaks the contract."""
        self.assertIs(verdict(self.case, {"first": {"refusal": {}}, **self.alive}), Verdict.FAIL)

    def test_the_faulty_request_is_marked(self) -> None:
        """What is deliberately malformed is marked so, the probe is not."""
        self.assertEqual([one.malformed for one in self.case.requests()], [True, False])


class OtherCommandTests(SynchronousTestCase):
    """Documents, signatures and fragments."""

    def test_valid_document(self) -> None:
        """A valid document passes only where its faulty counterpart is refused."""
        right = vector(command="validate", format="document", name="configuration", expect={"valid": True})
        wrong = faulty(command="validate", format="document", name="configuration")
        case = VectorCase(right, wrong)
        yes = {"result": {"valid": True}}
        self.assertEqual(case.role, "documents")
        self.assertEqual(case.requests()[0].params, {"kind": "configuration", "bytes": "020102"})
        self.assertIs(verdict(case, {"first": yes, "probe": REFUSED}), Verdict.PASS)
        self.assertIs(verdict(case, {"first": yes, "probe": yes}), Verdict.INCONCLUSIVE)
        self.assertIs(verdict(case, {"first": {"result": {"valid": 1}}, "probe": REFUSED}), Verdict.FAIL)

    def test_signer(self) -> None:
        """The signer is compared as a value is."""
        case = VectorCase(vector(command="verify", format="reload.message", expect={"signer": {"user": "a@b"}}))
        good = {"result": {"signer": {"user": "a@b", "node_ids": []}}}
        self.assertIs(verdict(case, {"first": good}), Verdict.PASS)
        self.assertIs(verdict(case, {"first": {"result": {"signer": {"user": "b@b"}}}}), Verdict.FAIL)
        self.assertIs(verdict(case, {"first": {"result": {}}}), Verdict.FAIL)

    def test_fragments(self) -> None:
        """Fragments are sent as they are cut, and the whole is compared."""
        parts = (Part(field="a", octets=b"\1"), Part(field="b", octets=b"\2", cut=True), Part(field="c", octets=b"\3"))
        case = VectorCase(vector(command="reassemble", format="reload.message", parts=parts, expect={"bytes": "0102"}))
        self.assertEqual(case.requests()[0].params["parts"], ["01", "0203"])
        self.assertIs(verdict(case, {"first": {"result": {"bytes": "0102"}}}), Verdict.PASS)
        self.assertIs(verdict(case, {"first": {"result": {"bytes": "0103"}}}), Verdict.FAIL)


class CasesTests(SynchronousTestCase):
    """Vectors become cases."""

    def test_probe(self) -> None:
        """The probe of a faulty vector is its pair; without one a right vector like it, or hello."""
        right, paired, lone = vector(), faulty(), faulty("rfc6940/probe_req/lone", pair=None)
        built = cases({one.id: one for one in (right, paired, lone)})
        self.assertEqual(built[paired.id].sane, right)
        self.assertEqual(built[lone.id].sane, right)
        alone = cases({lone.id: lone})[lone.id]
        self.assertEqual(alone.requests()[1].command, "hello")
