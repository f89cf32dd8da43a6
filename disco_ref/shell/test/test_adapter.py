"""The adapter: the contract line by line, and that no line ends it (conformance/SUBJECT.md)."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
from typing import NoReturn

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.test.documents import SAMPLE
from disco_ref.media.test.test_sdp_reading import EXAMPLE
from disco_ref.shell import adapter
from disco_ref.shell.adapter import answer, serve
from disco_ref.shell.catalogue import COMMANDS, FORMATS
from disco_ref.shell.formats.format import Format, Json


def ask(command: str, **params: Json) -> dict[str, Json]:
    """The reply to one request, without its id."""
    reply = answer(json.dumps({"id": 5, "command": command, "params": params}).encode())
    assert reply.pop("id") == 5
    return reply


class CatalogueTest(SynchronousTestCase):
    """What is known by its name before it is loaded."""

    def test_whole(self) -> None:
        """The names are those of the modules, each behind its own."""
        for table, found in (("FORMATS", FORMATS), ("COMMANDS", COMMANDS)):
            held: dict[str, object] = {}
            for name in ("reload", "sip", "sdp", "documents"):
                held |= getattr(importlib.import_module(f"disco_ref.shell.formats.{name}"), table, {})
            self.assertEqual(dict(found), held)
            self.assertTrue(all(name in found for name in held))
            self.assertNotIn("none", found)


class ContractTest(SynchronousTestCase):
    """Requests and replies."""

    def test_hello(self) -> None:
        """The first request is answered with name, version, roles and formats."""
        result = ask("hello")["result"]
        assert isinstance(result, dict)
        self.assertEqual(result["name"], "disco-ref")
        overlay, sip = ["client", "peer", "storing-peer"], ["focus", "notifier", "proxy", "registrar", "user-agent"]
        self.assertEqual(result["roles"], ["codec", "documents", *sorted([*overlay, *sip])])
        formats = result["formats"]
        assert isinstance(formats, list)
        for name in (
            "sip.message",
            "sip.stream",
            "sip.uri",
            "sip.header",
            "sip.multipart",
            "sdp",
            "document",
            "reload.struct",
            "reload.message",
            "reload.framed",
        ):
            self.assertIn(name, formats)

    def test_decode_encode_reencode(self) -> None:
        """A value decoded is encoded to the octets it came from."""
        octets = EXAMPLE.encode().hex()
        value = ask("decode", format="sdp", bytes=octets)["result"]
        assert isinstance(value, dict)
        self.assertEqual(ask("encode", format="sdp", value=value["value"]), {"result": {"bytes": octets}})
        line_feeds = EXAMPLE.replace("\r\n", "\n").encode().hex()
        self.assertEqual(ask("reencode", format="sdp", bytes=line_feeds), {"result": {"bytes": octets}})

    def test_struct(self) -> None:
        """A struct is decoded by its name, a name that is none is unsupported and near ones are named."""
        found = ask("decode", format="reload.struct", name="ProbeReq", bytes="020102")
        self.assertEqual(found, {"result": {"value": {"requested_info": ["responsible_set", "num_resources"]}}})
        self.assertIn("ProbeReq", str(ask("decode", format="reload.struct", name="ProbReq", bytes="")["unsupported"]))

    def test_refusal(self) -> None:
        """A refusal says why and where; for a RELOAD format with the error code where one is owed."""
        found = ask("decode", format="sdp", bytes=b"v=0\r\n".hex())
        self.assertEqual(found, {"refusal": {"why": "o= is missing", "where": "end at byte 5"}})

    def test_status(self) -> None:
        """A refused SIP message says what its sender is owed: a status, or that it is dropped."""
        request = b"INVITE sip:a@example.com SIP/3.0\r\n\r\n".hex()
        found = ask("decode", format="sip.message", bytes=request)["refusal"]
        assert isinstance(found, dict)
        self.assertIn(found["status"], (400, 505))
        found = ask("decode", format="sip.message", bytes=b"SIP/2.0 999999 x\r\n\r\n".hex())["refusal"]
        assert isinstance(found, dict)
        self.assertEqual(found["status"], "drop")

    def test_documents(self) -> None:
        """The role documents validates."""
        self.assertEqual(ask("validate", kind="conference-info", bytes=SAMPLE.hex()), {"result": {"valid": True}})
        self.assertIn("refusal", ask("validate", kind="configuration", bytes=SAMPLE.hex()))

    def test_unsupported(self) -> None:
        """Commands, formats and kinds that do not exist are unsupported."""
        self.assertIn("unsupported", ask("no-such-command"))
        self.assertIn("unsupported", ask("decode", format="sdq", bytes=""))
        self.assertIn("unsupported", ask("validate", kind="other", bytes=""))
        self.assertIn("unsupported", ask("encode", format="document", value={}))

    def test_bad_requests(self) -> None:
        """Lines that are no requests are faults; the id is null where none could be read."""
        for line in (b"", b"{", b"[]", b"1", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"id":' + b"9" * 10_000 + b"}"):
            reply = answer(line)
            self.assertEqual(reply["id"], None)
            self.assertIn("fault", reply)
        for request in (
            {"command": 5},
            {"command": "decode", "params": 5},
            {"command": "decode", "params": {"format": 5}},
            {"command": "decode", "params": {"format": "sdp"}},
            {"command": "decode", "params": {"format": "sdp", "bytes": "0"}},
            {"command": "decode", "params": {"format": "sdp", "bytes": "", "name": 5}},
            {"command": "decode", "params": {"format": "sdp", "bytes": "", "context": 5}},
        ):
            reply = answer(json.dumps({"id": "x", **request}).encode())
            self.assertEqual(reply["id"], "x")
            self.assertIn("fault", reply, request)

    def test_fault_inside(self) -> None:
        """An exception that is no refusal becomes a fault that names it."""

        def broken(name: str | None, octets: bytes, context: object) -> NoReturn:
            raise ZeroDivisionError("seven")

        self.patch(adapter, "FORMATS", {"sdp": Format(broken, None, broken)})
        self.assertEqual(ask("decode", format="sdp", bytes=""), {"fault": "ZeroDivisionError: seven"})

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(
        st.sampled_from([*sorted(FORMATS)]),
        st.sampled_from(["decode", "encode", "reencode", *sorted(COMMANDS)]),
        st.binary(max_size=60),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=5,
        ),
    )
    def test_any_request(self, name: str, command: str, octets: bytes, value: Json) -> None:
        """Any octets and any value give a result, a refusal or an unsupported; the codec has no faults."""
        reply = ask(command, format=name, name="ProbeReq", bytes=octets.hex(), value=value)
        self.assertEqual(len(reply), 1)
        if command != "validate":
            self.assertNotIn("fault", reply)


class LoopTest(SynchronousTestCase):
    """Lines in, lines out."""

    def served(self, lines: bytes) -> list[dict[str, Json]]:
        """The replies to these lines."""
        replies = io.BytesIO()
        serve(io.BytesIO(lines), replies)
        return [json.loads(line) for line in replies.getvalue().splitlines()]

    def test_order(self) -> None:
        """Every request has one reply, in order; empty lines have none; the last needs no line end."""
        found = self.served(
            b'{"id":1,"command":"hello"}\n\n{"id":2,"command":"x"}\nrubbish\n{"id":3,"command":"hello"}'
        )
        self.assertEqual([one["id"] for one in found], [1, 2, None, 3])

    def test_ids_that_json_does_not_have(self) -> None:
        """An id that cannot be written comes back as null, with a fault; every line stays JSON."""
        replies = io.BytesIO()
        serve(
            io.BytesIO(b"".join(b'{"id":%s,"command":"hello"}\n' % each for each in (b"NaN", b"-Infinity", b"1e999"))),
            replies,
        )
        lines = replies.getvalue().splitlines()
        self.assertEqual(len(lines), 3)
        for line in lines:
            reply = json.loads(line, parse_constant=self.fail)
            self.assertEqual((reply["id"], list(reply)), (None, ["id", "fault"]))

    def test_long_line(self) -> None:
        """A line beyond the bound is a fault, and the next line is answered."""
        self.patch(adapter, "LONGEST_LINE", 40)
        found = self.served(b"x" * 200_000 + b'\n{"id":2,"command":"hello"}\n')
        self.assertEqual([one["id"] for one in found], [None, 2])
        self.assertIn("fault", found[0])

    def test_octets_that_are_not_utf8(self) -> None:
        """A value with octets that are not UTF-8 is written as a line of ASCII."""
        octets = EXAMPLE.encode().replace(b"a=recvonly", b"a=x:\xff").hex()
        replies = io.BytesIO()
        serve(
            io.BytesIO(
                json.dumps({"id": 1, "command": "decode", "params": {"format": "sdp", "bytes": octets}}).encode()
            ),
            replies,
        )
        self.assertIn(rb"\udcff", replies.getvalue())

    def test_nodes_alone(self) -> None:
        """A program that plays with a node does not wait for schemas to be loaded."""
        settings = {"uri": "sip:alice@192.0.2.1", "domain": "example.com", "user": "alice", "password": "secret"}
        listening = [{"transport": "udp", "address": "192.0.2.1:5060"}]
        params = {"node": "n", "role": "registrar", "now": 1, "listening": listening, "settings": settings}
        program = (
            "import io, sys; from disco_ref.shell.adapter import serve; replies = io.BytesIO(); "
            f"serve(io.BytesIO({json.dumps({'id': 1, 'command': 'node.start', 'params': params}).encode()!r}), replies); "
            "sys.exit(replies.getvalue().decode() + repr([one for one in sys.modules if one.endswith(('.published', '.formats.documents'))]))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
        self.assertIn('"result"', done.stderr)
        self.assertEqual(done.stderr.strip()[-2:], "[]")
