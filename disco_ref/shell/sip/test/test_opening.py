"""From options to an element on the wire."""

from __future__ import annotations

import argparse
import io
import socket
from contextlib import redirect_stderr
from typing import cast

from twisted.internet import reactor as installed
from twisted.internet.task import deferLater
from twisted.trial.unittest import SkipTest, TestCase

from disco_ref.peer.effects import Note
from disco_ref.peer.test.parties import Answering, ask, send
from disco_ref.shell.sip.opening import (
    add_listening_arguments,
    open_element,
    wanted,
)
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.actions import ResponseReceived
from disco_ref.sip.flow import Address, Transport

UDP, TCP, TLS = Transport


def parsed(*words: str) -> argparse.Namespace:
    """What the options say."""
    parser = argparse.ArgumentParser()
    add_listening_arguments(parser)
    return parser.parse_args(words)


class OptionsTest(TestCase):
    """The options."""

    timeout = 20

    def places(self, *words: str) -> list[tuple[Transport, str, int, str]]:
        """Where they ask to listen."""
        return [(each.transport, *each.address, each.sent_by) for each in wanted(parsed(*words))]

    def test_where(self) -> None:
        """UDP brings TCP with it; without options it is the usual port of the loopback; a name goes into sent-by."""
        # = rfc3261:18.2.1/3 test
        five = "127.0.0.1", 5060, "127.0.0.1:5060"
        self.assertEqual(self.places(), [(UDP, *five), (TCP, *five)])
        self.assertEqual(self.places("--udp", "127.0.0.1", "--tcp", "127.0.0.1:5060"), [(UDP, *five), (TCP, *five)])
        self.assertEqual(self.places("--tcp", "[::1]:5070"), [(TCP, "::1", 5070, "[::1]:5070")])
        self.assertEqual(
            self.places("--tls", "127.0.0.1", "--name", "b.example"), [(TLS, "127.0.0.1", 5061, "b.example:5061")]
        )
        for words in (("--udp", "0.0.0.0:5060"), ("--udp", "[::]:5060")):
            [(_, _, _, sent_by), _] = self.places(*words)
            self.assertNotIn(sent_by, ("0.0.0.0:5060", "[::]:5060"))

    def test_misuse(self) -> None:
        """What is no address is refused with an example of one."""
        for words in (
            ("--udp", "b.example:5060"),
            ("--tcp", "127.0.0.1:x"),
            ("--tls", "127.0.0.1:99999"),
            ("--static", "b=c:1"),
        ):
            complaint = io.StringIO()
            with redirect_stderr(complaint):
                self.assertRaises(SystemExit, parsed, *words)
            self.assertIn("127.0.0.1:5060", complaint.getvalue())

    async def test_open(self) -> None:
        """Two elements find each other by the static table, on ports that the system has chosen."""
        reactor = cast(Reactor, installed)
        notes: list[Note] = []
        told: list[object] = []
        bob = open_element(reactor, parsed("--udp", "127.0.0.1:0"), Answering(), log=notes.append)
        self.addCleanup(bob.driving.stop)
        port = bob.driving.start()[0].address.port
        options = parsed("--udp", "127.0.0.1:0", "--static", f"b.example=127.0.0.1:{port}")
        alice = open_element(reactor, options, Answering(), log=notes.append, delivered=told.append)
        self.addCleanup(alice.driving.stop)
        alice.driving.start()
        alice.driving.perform([send(ask(uri="sip:bob@b.example"))])
        for _ in range(500):
            if told:
                break
            await _moment()
        self.assertEqual([type(each) for each in told], [ResponseReceived])
        self.assertEqual(alice.driving.listening[0].address.host, Address("127.0.0.1", 0).host)

    def test_every_address(self) -> None:
        """Both wildcard addresses can be had on one port."""
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as trouble:
            raise SkipTest(f"no IPv6 here: {trouble}") from None
        options = parsed("--udp", "0.0.0.0:0")
        first = open_element(cast(Reactor, installed), options, Answering(), log=lambda note: None)
        self.addCleanup(first.driving.stop)
        port = first.driving.start()[0].address.port
        options = parsed("--udp", f"[::]:{port}")
        second = open_element(cast(Reactor, installed), options, Answering(), log=lambda note: None)
        second.driving.start()
        self.addCleanup(second.driving.stop)
        self.assertEqual([each.address for each in second.driving.listening], [Address("::", port)] * 2)


async def _moment() -> None:
    await deferLater(installed, 0.01, lambda: None)
