"""Tests of the second opinions: the lab's on every vector of RELOAD, tshark's where it is installed."""

import io
import json
import shutil
import sys
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places
from conformance.lab.commands import Unsupported, perform
from conformance.lab.confirm import main, opinion
from conformance.lab.dissector import Dissector
from conformance.lab.presentation.refusal import Json


def vector(**changes: Json) -> dict[str, Json]:
    """A right vector, changed."""
    right: dict[str, Json] = {
        "id": "rfc6940/destination/node",
        "level": "MUST",
        "kind": "valid",
        "command": "decode",
        "format": "reload.struct",
        "name": "ConfigUpdateAns",
        "bytes": [{"field": "nothing", "hex": ""}],
        "expect": {"value": {}},
    }
    return {**right, **changes}


def loaded(*folders: str) -> list[dict[str, Json]]:
    """The vectors of these folders."""
    paths = [path for folder in folders for path in sorted((places.vectors() / folder).rglob("*.json"))]
    return [json.loads(path.read_text("utf-8")) for path in paths]


class Opinions(SynchronousTestCase):
    """What is said of one vector."""

    def test_words(self) -> None:
        """Agreement, disagreement either way, freedom and ignorance."""
        extra: Json = [{"field": "extra", "hex": "00"}]
        refusal: Json = {"refusal": {}}
        rows: list[tuple[dict[str, Json], str]] = [
            (vector(), "agree"),
            (vector(expect={"value": {"x": 1}}), "disagree"),
            (vector(bytes=extra), "disagree"),
            (vector(bytes=extra, kind="invalid", expect=refusal), "agree"),
            (vector(kind="invalid", expect=refusal), "disagree"),
            (vector(kind="invalid", expect=refusal, level="MAY"), "free"),
            (vector(expect={"value": {}, "bytes": "00"}), "disagree"),
            (vector(name="NoSuchStruct"), "cannot"),
            (vector(command="no-such"), "cannot"),
        ]
        for given, word in rows:
            self.assertEqual(opinion(given)[0], word, str(given))

    def test_unsupported(self) -> None:
        """What the lab does not do it says."""
        rows: list[tuple[str, dict[str, Json]]] = [
            ("nonsense", {}),
            ("decode", {"format": "nonsense"}),
            ("decode", {"format": "reload.stored-data", "bytes": ""}),
            ("verify", {"format": "reload.struct", "bytes": ""}),
            ("reassemble", {"format": "reload.framed", "parts": []}),
            ("validate", {"kind": "poem", "bytes": ""}),
        ]
        for command, params in rows:
            self.assertRaises(Unsupported, perform, command, params)

    def test_vectors(self) -> None:
        """The lab disagrees with no vector of RELOAD or DisCo."""
        folders = ("rfc6940", "disco00")
        said = [(one["id"], *opinion(one)) for one in loaded(*folders) if str(one["format"]).startswith("reload.")]
        self.assertEqual([one for one in said if one[1] in ("disagree", "cannot")], [])
        self.assertGreater(len(said), 100)

    def test_command(self) -> None:
        """The exit code says whether anything disagrees."""
        self.patch(sys, "stdout", io.StringIO())
        self.patch(sys, "stderr", io.StringIO())
        right, wrong = self.mktemp(), self.mktemp()
        Path(right).write_text(json.dumps(vector()), encoding="utf-8")
        Path(wrong).write_text(json.dumps(vector(expect={"value": {"x": 1}})), encoding="utf-8")
        self.assertEqual((main([right]), main([wrong]), main([self.mktemp()]), main(["--nonsense"])), (0, 1, 1, 2))


class Dissected(SynchronousTestCase):
    """tshark's opinion."""

    def test_messages(self) -> None:
        """But for its slips, tshark agrees with every message that it can read."""
        if shutil.which("tshark") is None:
            raise SkipTest("tshark is not installed")
        vectors = loaded("rfc6940/message")
        said = Dissector().opinions(vectors)
        wrong = [(one["id"], why) for one, (word, why) in zip(vectors, said, strict=True) if word == "disagree"]
        self.assertEqual(wrong, [])
        self.assertGreater(sum(word == "agree" for word, _ in said), 20)

    def test_misplaced_field(self) -> None:
        """A vector whose fields lie elsewhere is not agreed with."""
        if shutil.which("tshark") is None:
            raise SkipTest("tshark is not installed")
        one = next(one for one in loaded("rfc6940/message") if one["id"] == "rfc6940/message/ping_req")
        parts = one["bytes"]
        assert isinstance(parts, list)
        whole = "".join(str(part["hex"]) for part in parts if isinstance(part, dict) and "hex" in part)
        one["bytes"] = [{"field": "first", "hex": whole[:6]}, {"field": "rest", "hex": whole[6:]}]
        self.assertEqual(Dissector().opinions([one])[0][0], "disagree")
