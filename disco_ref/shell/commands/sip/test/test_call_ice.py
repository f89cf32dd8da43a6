"""Tests of calls over an overlay whose links are made by ICE, between programs (RFC 7904; RFC 6940, 6.5.1.3 and 6.5.2)."""

from __future__ import annotations

from disco_ref.shell.commands.sip.test.test_call_overlay import OverlayProgramTest


class IceCallTests(OverlayProgramTest):
    """Links are DTLS, and carry datagrams."""

    link = "ice"

    async def test_call(self) -> None:
        """A call is set up and hung up; sips, which no datagrams may carry, is refused at once, with the reason."""
        # = rfc7904:7/0 test
        # = rfc6940:6.5.1.3/1 test
        await self.overlay()
        waits, registered = self.until("registered", "call", "--wait", "--once", "--config", self.config("guest2"))
        await registered
        refused = self.start("call", "--config", self.config("guest1"), "sips:guest2@overlay.example")
        self.assertEqual(await refused.ended, 1, refused.errors.decode())
        self.assertIn("no sips", str(refused.lines[-2]["said"]))
        calls = await self.call("sip:guest2@overlay.example")
        self.assertEqual(calls.events(), ["joining", "joined", "calling", "linked", "progress", "talking", "ended"])
        self.assertEqual(await waits.ended, 0, waits.errors.decode())

    async def test_questions(self) -> None:
        """Clients store, fetch and go round the ring of an overlay whose links are made by ICE."""
        # = rfc6940:6.5.1.5/1 test
        await self.overlay()
        for words in (
            ("store", "guest1@overlay.example", "tea at five"),
            ("fetch", "guest1@overlay.example"),
            ("ring",),
        ):
            asks = self.start(words[0], "--config", self.config("guest1"), *words[1:])
            self.assertEqual(await asks.ended, 0, asks.errors.decode())
            if words[0] == "fetch":
                self.assertEqual(asks.lines[0]["value"], "tea at five")
