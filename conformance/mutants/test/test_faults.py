"""Tests of the faults: the healthy subject passes, every broken one fails what its fault touches."""

import io
import json
import sys
from fnmatch import fnmatchcase
from functools import cache

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.checks.codec import VectorCase
from conformance.lab.presentation.refusal import Json
from conformance.mutants.faults import conduct
from conformance.mutants.subject import ALL, CLAIMS, FAULTS, answer, claiming, main, serve
from conformance.mutants.trial import all_cases, verdict
from conformance.run.model import Verdict
from conformance.targets.subject import KnownSubject, load_folder

CAUGHT = (Verdict.FAIL, Verdict.NONSTRICT)
EACH = 60
"""Of faults that touch everything, one pair in so many is tried here; the kill matrix tries all."""


@cache
def _cases() -> dict[str, VectorCase]:
    return all_cases()


@cache
def _subjects() -> dict[str, KnownSubject]:
    return {subject.name: subject for subject in load_folder(places.mutants())}


class Faults(SynchronousTestCase):
    """Every fault, on the cases that it touches."""

    def setUp(self) -> None:
        """The vectors and the broken subjects, loaded once."""
        self.cases, self.subjects = _cases(), _subjects()

    def touched(self, subject: KnownSubject) -> list[tuple[str, str]]:
        """The (right, wrong) pairs that a fault touches."""
        found = []
        for identity, case in self.cases.items():
            right = case.pair
            known = case.vector.format in (*subject.formats, "document")
            if case.kind != "invalid" or right is None or right not in self.cases or not known:
                continue
            if any(fnmatchcase(one, pattern) for one in (identity, right) for pattern in subject.touches):
                found.append((right, identity))
        return found[::EACH] if subject.touches == ("*",) else found

    def test_each_has_a_file(self) -> None:
        """Each fault is a subject of the suite, and each subject has its fault."""
        self.assertEqual(set(self.subjects) | {"none"}, set(FAULTS))
        for subject in self.subjects.values():
            self.assertTrue(subject.breaks and subject.touches and subject.what, subject.name)
            self.assertEqual(subject.commands[0][-1], subject.name)
            self.assertEqual(subject.formats, CLAIMS[subject.name], subject.name)

    def test_healthy(self) -> None:
        """Without a fault no case of RELOAD fails, but where the specification leaves it open."""
        cases = {name: case for name, case in self.cases.items() if case.vector.format.startswith("reload.")}
        self.assertEqual([name for name, case in cases.items() if verdict(case, answer)[0] in CAUGHT], [])

    def test_caught(self) -> None:
        """Each fault fails a case that it touches, and passes no pair that it touches."""
        for name, subject in self.subjects.items():
            pairs = self.touched(subject)
            identities = {one for pair in pairs for one in pair}
            identities |= {one for one in self.cases if one in subject.touches}
            with FAULTS[name].present(answer) as answering:
                said = {one: verdict(self.cases[one], answering)[0] for one in identities}
            self.assertTrue(any(one in CAUGHT for one in said.values()), f"{name} is not caught")
            both = [pair for pair in pairs if said[pair[0]] is Verdict.PASS and said[pair[1]] is Verdict.PASS]
            self.assertEqual(both, [], name)

    def test_gone_again(self) -> None:
        """A fault is there only while it is asked for."""
        case = self.cases["rfc6940/message/version-next"]
        with FAULTS["ignores-version"].present(answer) as answering:
            self.assertIs(verdict(case, answering)[0], Verdict.FAIL)
        self.assertIs(verdict(case, answer)[0], Verdict.PASS)


class Serving(SynchronousTestCase):
    """The subject as a program."""

    def told(self, name: str, *lines: str) -> tuple[int, list[str]]:
        """The exit code and the lines that a subject writes."""
        written = io.StringIO()
        with FAULTS[name].present(answer) as answering:
            code = serve(answering, io.StringIO("".join(f"{line}\n" for line in lines)), written)
        return code, written.getvalue().splitlines()

    def test_contract(self) -> None:
        """Hello names roles and formats; a command that does not exist is unsupported."""
        code, lines = self.told("none", '{"id": 1, "command": "hello"}', '{"id": 2, "command": "x", "params": {}}')
        hello, unknown = (json.loads(line) for line in lines)
        self.assertEqual((code, hello["result"]["name"], unknown["id"]), (0, "lab", 2))
        self.assertIn("unsupported", unknown)

    def test_claims(self) -> None:
        """A subject with a narrow fault claims and does only the formats that the fault is about."""
        answering = claiming(("document",))
        hello = answering({"id": 1, "command": "hello"})
        assert isinstance(hello, dict) and isinstance(hello["result"], dict)
        self.assertEqual((hello["result"]["roles"], hello["result"]["formats"]), (["documents"], ["document"]))
        for format in ALL:
            params: dict[str, Json] = {"format": format, "bytes": ""}
            reply = answering({"id": 1, "command": "decode", "params": params})
            self.assertIn("unsupported", reply or {})

    def test_conduct(self) -> None:
        """What the faults of conduct write for an input that is to be refused."""
        request = {
            "id": 5,
            "command": "decode",
            "params": {"format": "reload.struct", "name": "PingReq", "bytes": "00"},
        }
        for name in conduct.FAULTS:
            code, lines = self.told(name, json.dumps(request))
            if name in ("answers-nothing", "crashes"):
                self.assertEqual((code, lines), (int(name == "crashes"), []))
            else:
                self.assertEqual((code, len(lines)), (0, 1), name)
        self.assertEqual(self.told("writes-garbage", json.dumps(request))[1], ["}{"])
        self.assertEqual(json.loads(self.told("wrong-id", json.dumps(request))[1][0])["id"], -1)

    def test_misuse(self) -> None:
        """Unknown faults and lines that are no requests."""
        self.patch(sys, "stderr", io.StringIO())
        self.assertEqual((main([]), main(["--fault", "no-such"])), (2, 2))
        self.assertEqual(self.told("none", "nonsense")[0], 3)
