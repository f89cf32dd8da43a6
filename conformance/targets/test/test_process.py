"""Adapters as processes: what becomes of a subject that does not keep the contract."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.case import Request
from conformance.errors import TargetFault
from conformance.targets import process
from conformance.targets.process import Adapter

ADAPTER = [sys.executable, str(Path(__file__).with_name("sample_adapter.py"))]
HELLO = Request(step="hello", command="hello", params={})


def decode(octets: str) -> Request:
    """A request to read a ProbeReq."""
    return Request(
        step="first", command="decode", params={"format": "reload.struct", "name": "ProbeReq", "bytes": octets}
    )


RIGHT, FAULTY = decode("020102"), decode("0201")


class ConversationTests(SynchronousTestCase):
    """Requests and outcomes."""

    def test_in_order(self) -> None:
        """Many requests, one outcome each, in order, from one start."""
        adapter = Adapter(ADAPTER)
        outcomes = adapter.converse([RIGHT, FAULTY] * 150)
        self.assertEqual([outcome.request for outcome in outcomes], [RIGHT, FAULTY] * 150)
        self.assertEqual({outcome.kind for outcome in outcomes}, {"reply"})
        self.assertTrue(all(("result" in one.reply) == (one.request is RIGHT) for one in outcomes))
        self.assertEqual(adapter.starts, 1)

    def test_long_lines(self) -> None:
        """A request and a reply of some megabytes go through."""
        outcome = Adapter(ADAPTER).converse([decode("00" * (3 << 20))])[0]
        self.assertEqual(outcome.kind, "reply")

    def test_end(self) -> None:
        """The request that ends the subject is blamed, those around it are answered; its last words are kept."""
        adapter = Adapter([*ADAPTER, "ends"])
        outcomes = adapter.converse([RIGHT, FAULTY, RIGHT, RIGHT])
        self.assertEqual([outcome.kind for outcome in outcomes], ["reply", "ended", "reply", "reply"])
        self.assertIn("status 7", outcomes[1].why)
        self.assertIn("cannot go on", outcomes[1].why)
        self.assertIn(b"conduct: ends", bytes(adapter.log))

    def test_garbage(self) -> None:
        """A line that is no reply is garbage; the subject is started again."""
        adapter = Adapter([*ADAPTER, "garbage"])
        outcomes = adapter.converse([RIGHT, FAULTY, RIGHT])
        self.assertEqual([outcome.kind for outcome in outcomes], ["reply", "garbage", "reply"])
        self.assertIn("this is no JSON", outcomes[1].why)

    def test_silence(self) -> None:
        """A subject that is silent is given up after a few requests, and the rest is not asked."""
        outcomes = Adapter([*ADAPTER, "mute"], budget=0.2).converse([RIGHT] * 8)
        kinds = [outcome.kind for outcome in outcomes]
        self.assertEqual(kinds, ["silence"] * process.SILENT + ["unasked"] * (8 - process.SILENT))
        self.assertIn("0.2 seconds", outcomes[0].why)

    def test_ends_at_once(self) -> None:
        """A program that ends at once is given up."""
        adapter = Adapter([sys.executable, "-c", "pass"])
        outcomes = adapter.converse([RIGHT] * 30)
        self.assertEqual(outcomes[-1].kind, "unasked")
        self.assertLess(adapter.starts, 20)

    def test_no_such_program(self) -> None:
        """What cannot be started is a fault with a name."""
        error = self.assertRaises(TargetFault, Adapter(["./no-such-adapter"]).converse, [RIGHT])
        self.assertIn("no-such-adapter", str(error))

    def test_endless_line(self) -> None:
        """A line without an end is cut off."""
        self.patch(process, "LINE", 100_000)
        program = "import sys\nwhile True: sys.stdout.write('x' * 10000)"
        outcomes = Adapter([sys.executable, "-c", program], budget=5).converse([RIGHT])
        self.assertEqual(outcomes[0].kind, "garbage")

    def test_interrupted_while_it_ends(self) -> None:
        """Who interrupts while a subject is given its second to end leaves nothing behind, nor what the subject started."""
        words = Path(self.mktemp())
        adapter = Adapter(["sh", "-c", f"sleep 60 & echo $! > {words}; wait"])

        async def interrupt() -> int | None:
            link = await adapter._start()
            while not (words.exists() and words.read_text("ascii").strip()):
                await asyncio.sleep(0.01)
            closing = asyncio.ensure_future(link.close())
            await asyncio.sleep(0.05)
            closing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await closing
            return await asyncio.wait_for(link.process.wait(), 5)

        self.assertEqual(asyncio.run(interrupt()), -9)
        status = Path(f"/proc/{words.read_text('ascii').strip()}/status")
        self.assertTrue(not status.exists() or "State:\tZ" in status.read_text("ascii"))

    def test_garbage_line_sent(self) -> None:
        """After a line that is no JSON the subject still says hello."""
        self.assertIn("result", Adapter(ADAPTER).after_garbage(HELLO).reply)


class ReplyTests(SynchronousTestCase):
    """What counts as a reply."""

    def test_replies(self) -> None:
        """An object with the request's id and exactly one of the four kinds."""
        good = process._read(b'{"id": 4, "result": {}}\n', 4)
        self.assertEqual(good[0], "reply")
        for line in (
            b'{"id": 5, "result": {}}',
            b'{"id": "4", "result": {}}',
            b'{"id": 4}',
            b'{"id": 4, "result": {}, "refusal": {}}',
            b'{"id": 4, "result": NaN}',
            b"[4]",
            b"\xff",
            b"[" * 100_000,
            b'{"id": 4, "result": ' + b"9" * 10_000 + b"}",
        ):
            self.assertEqual(process._read(line + b"\n", 4)[0], "garbage", line[:40])
