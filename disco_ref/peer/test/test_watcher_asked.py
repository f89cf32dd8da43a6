"""What a watcher answers to requests that are no NOTIFY."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.test.test_watcher import ALICE, Scene
from disco_ref.sip.flow import Address
from disco_ref.sip.message import Request, read


class Asked(SynchronousTestCase):
    """A watcher whom somebody asks things."""

    def asked(self, *methods: str) -> list[bytes]:
        """The statuses of these requests, all of one transaction."""
        scene = Scene()
        raw = scene.network.raw(Address("192.0.2.3", 5060))
        for method in methods:
            lines = [
                f"{method} sip:alice@192.0.2.1 SIP/2.0",
                "Via: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKx",
                "From: <sip:x@192.0.2.2>;tag=1",
                "To: <sip:alice@192.0.2.1>",
                "Call-ID: c",
                f"CSeq: 1 {method}",
                "Max-Forwards: 9",
                "Content-Length: 0",
            ]
            message = read("\r\n".join([*lines, "", ""]).encode())
            assert isinstance(message, Request)
            raw.send(bytes(message), ALICE)
            scene.network.run(0.2)
        return [octets.split()[1] for _, octets, _ in raw.received]

    def test_cancel(self) -> None:
        """CANCEL of what is there gets 200 and changes nothing, of what is not 481."""
        self.assertEqual(self.asked("CANCEL"), [b"481"])
        self.assertEqual(self.asked("OPTIONS", "CANCEL"), [b"200", b"200"])
