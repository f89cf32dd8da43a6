"""Whatever comes in, registrar and proxy neither raise nor keep it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.element import Element
from disco_ref.peer.proxy import ProxyCore
from disco_ref.peer.test.test_proxy import HERE, NOW, PHONE, ask
from disco_ref.sip.digest.accounts import Accounts
from disco_ref.sip.test.entropy import entropy

_ODD = st.sampled_from(
    [
        "Contact: *",
        "Contact: <sip:a@192.0.2.9:99999>",
        "Contact: <sip:a@192.0.2.9;x;x>;q=9",
        "Contact: <tel:+1>;expires=abc",
        "Expires: -1",
        "Expires: 99999999999999999999",
        "Route: <sip:192.0.2.1;lr>",
        "Route: <sip:192.0.2.1:5060;maddr=a;maddr=b>, <tel:+12>",
        "Route: sip:x",
        "Record-Route: <sip:x>",
        "Require: \x01",
        "Proxy-Require: a,,b",
        "Path: <>",
        'Authorization: Digest username="alice", realm="example.com", nonce="n", uri="x", response="y", nc=zz',
        'Authorization: Digest username="alice", realm="example.com", nonce="\u00e9", uri="x", response="\u00e9"',
        'Proxy-Authorization: Digest realm="example.com"',
        "Authorization: Basic",
        "Max-Forwards: 256",
        "Max-Forwards: 0",
        "Via: SIP/2.0/UDP x:99999;branch=a;branch=b",
        "CSeq: 5 INVITE",
        "Content-Length: 7",
        ": x",
        "",
    ]
)
_URIS = st.sampled_from(
    [
        "sip:example.com",
        "sip:alice@example.com",
        "sip:%00@example.com",
        "sip:192.0.2.1;lr",
        "sip:a@example.com:99999",
        "sip:a@example.com;maddr=192.0.2.1;transport=foo",
        "sips:alice@example.com",
        "tel:+12",
        "urn:x:y",
    ]
)


class BadInput(SynchronousTestCase):
    """Properties of any input."""

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["REGISTER", "INVITE", "ACK", "CANCEL", "OPTIONS", "BYE", "X"]), _URIS, st.lists(_ODD)
            ),
            min_size=1,
            max_size=4,
        )
    )
    def test_requests(self, requests: list[tuple[str, str, list[str]]]) -> None:
        """Odd requests are answered or dropped, never raised on; in the end nothing is held."""
        accounts = Accounts({"alice": "wonderland"})
        core = ProxyCore(["example.com"], entropy(), accounts=accounts, stores=False, challenges=True, recurses=True)
        element = Element([HERE], core, entropy())
        for number, (method, uri, lines) in enumerate(requests):
            head, _, rest = bytes(ask(method, "sip:x", number=number + 1)).partition(b"\r\n")
            start = head.replace(b"sip:x", uri.encode())
            tail = "".join(f"{line}\r\n" for line in lines).encode()
            element.receive(start + b"\r\n" + tail + rest, PHONE, NOW)
        now = NOW
        for _ in range(400):
            deadline = element.deadline
            if deadline is None:
                break
            now = Instant(max(now, deadline))
            element.expire(now)
        self.assertEqual((element.held["transactions"], len(core.proxy)), (0, 0))
