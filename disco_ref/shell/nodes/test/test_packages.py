"""INFO packages of a telephone in virtual time, and subscriptions that wait for their permission."""

from __future__ import annotations

from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.settings import BadSetting, settings
from disco_ref.shell.nodes.test.nodes import DESCRIPTION, NODE, PEER, Node, asked, invite, statuses
from disco_ref.sip.message import Request, Response

PACKAGES: dict[str, Json] = {"keys": ["application/keys", "text/plain"], "doors": ["text/plain"]}


def talking(*lines: str) -> tuple[Node, str]:
    """A node with two packages in a call of the peer, and its To."""
    node = Node(info_packages=PACKAGES)
    *_, answer = node.hear(invite(*lines))
    assert isinstance(answer, Response)
    to = str(answer.headers.to)
    node.hear(asked("ACK", to=to))
    return node, to


def inform(node: Node, to: str, number: int, package: str, kind: str = "text/plain") -> int:
    """An INFO of the peer: the status of its answer."""
    rows = [f"Info-Package: {package}", f"Content-Type: {kind}", "Content-Disposition: Info-Package"]
    (answer,) = node.hear(asked("INFO", "sip:alice@192.0.2.1", *rows, body=b"x", to=to, number=number))
    assert isinstance(answer, Response)
    return answer.status_code


class ReceivedTests(SynchronousTestCase):
    """Packages that the node takes."""

    def test_what_is_invited(self) -> None:
        """Each package with its own types gets 200, with another one 415; what is none of them gets 469."""
        # = rfc6086:4.3.1/2 test
        # = rfc6086:4.2.2/1 test
        # = rfc6086:4.2.2/3 test
        node, to = talking("Recv-Info:")
        wanted = [("keys", "text/plain", 200), ("keys", "application/keys", 200), ("doors", "application/keys", 415),
                  ("windows", "text/plain", 469), ("doors", "text/plain", 200)]  # fmt: skip
        for number, (package, kind, status) in enumerate(wanted, 2):
            with self.subTest(f"{package} {kind}"):
                self.assertEqual(inform(node, to, number, package, kind), status)

    def test_nothing_is_invited(self) -> None:
        """A peer that knows no packages has not been told any."""
        node, to = talking()
        self.assertEqual(inform(node, to, 2, "keys"), 469)

    def test_until_withdrawn(self) -> None:
        """A re-INVITE without Recv-Info changes nothing; one of the node that takes a package away is refused, then taken."""
        # = rfc6086:5.2.2/3 test
        # = rfc6086:5.2.4/1 test
        node, to = talking("Recv-Info:")
        node.hear(invite().replace(b"To: <sip:alice@192.0.2.1>", f"To: {to}".encode()).replace(b"CSeq: 1", b"CSeq: 2"))
        node.hear(asked("ACK", to=to, number=2))
        self.assertEqual(inform(node, to, 3, "keys"), 200)
        (change,) = node.user("packages", names="doors")
        self.assertEqual(change.headers.texts("recv-info"), ["doors"])
        self.assertEqual(inform(node, to, 4, "keys"), 469)
        node.answer(change, 488)
        self.assertEqual([inform(node, to, 5, "keys"), inform(node, to, 6, "doors")], [200, 200])
        (change,) = node.user("packages", names="")
        node.answer(change, 200, "Recv-Info:", body=DESCRIPTION)
        self.assertEqual(inform(node, to, 7, "keys"), 469)

    def test_told_in_every_answer(self) -> None:
        """The reliable 180, the answer to PRACK, the 200, and the answer to UPDATE have it where the request has it."""
        # = rfc6086:5.2.3/2 test
        # = rfc6086:5.2.3/3 test
        # = rfc6086:5.2.3/4 test
        for line, told in (("Recv-Info: bells", ["keys, doors"]), ("X-Else: y", [])):
            node = Node(info_packages=PACKAGES)
            node.user("manual")
            (ringing,) = node.hear(invite("Require: 100rel", line))
            to, rack = str(ringing.headers.to), f"RAck: {ringing.headers.texts('rseq')[0]} 1 INVITE"
            (pracked,) = node.hear(asked("PRACK", "sip:alice@192.0.2.1", rack, line, to=to, number=2))
            (taken,) = node.user("answer")
            node.hear(asked("ACK", to=to))
            (updated,) = node.hear(asked("UPDATE", "sip:alice@192.0.2.1", line, to=to, number=3))
            answers = (ringing, pracked, taken, updated)
            self.assertEqual(statuses(answers), [180, 200, 200, 200])
            self.assertEqual([each.headers.texts("recv-info") for each in answers], [told] * 4)

    def test_a_change_that_met_another(self) -> None:
        """After 491 it is tried again, with the packages that were wanted; meanwhile all is as before."""
        # = rfc6086:5.2.4/1 test
        node, to = talking("Recv-Info:")
        (change,) = node.user("packages", names="doors")
        node.answer(change, 491)
        self.assertEqual(inform(node, to, 2, "keys"), 200)
        again = node.wait(5.0)[-1]
        self.assertEqual(again.headers.texts("recv-info"), ["doors"])
        node.answer(again, 200, "Recv-Info:", body=DESCRIPTION)
        self.assertEqual(inform(node, to, 3, "keys"), 469)
        hold = node.user("hold")[-1]
        self.assertEqual(hold.headers.texts("recv-info"), ["doors"])

    def test_what_cannot_be_taken(self) -> None:
        """Only packages of the settings."""
        node, _ = talking("Recv-Info:")
        with self.assertRaisesRegex(Unsupported, "windows"):
            node.user("packages", names="keys, windows")


class SentTests(SynchronousTestCase):
    """Packages that the node sends."""

    def test_what_the_peer_takes(self) -> None:
        """It goes out with its body; what the peer does not take stays here, also after a change that was refused."""
        # = rfc6086:4.2.1/1 test
        # = rfc6086:4.2.1/4b test
        # = rfc6086:5.2.4/1 test
        node, to = talking("Recv-Info: lights")
        (info,) = node.user("info", package="lights", type="text/plain", body="on")
        assert isinstance(info, Request)
        self.assertEqual((info.headers.texts("info-package"), info.body), (["lights"], b"on"))
        unusable = DESCRIPTION.replace(b"RTP/AVP 0", b"RTP/AVP 96\r\na=rtpmap:96 X/8000")
        rows = ["Recv-Info: bells", "Content-Type: application/sdp"]
        (refused,) = node.hear(asked("INVITE", "sip:alice@192.0.2.1", *rows, body=unusable, to=to, number=2))
        self.assertEqual(statuses([refused]), [488])
        self.assertEqual(statuses(node.user("info", package="lights")), ["INFO"])
        for package in ("bells", "keys"):
            with self.assertRaisesRegex(Unsupported, package):
                node.user("info", package=package)

    def test_forks(self) -> None:
        """What one fork takes is not what the other one takes."""
        # = rfc6086:4.2.1/7 test
        node = Node(info_packages=PACKAGES)
        (call,) = node.user("invite", uri=f"sip:peer@{PEER}")
        self.assertEqual(call.headers.texts("recv-info"), ["keys, doors"])
        assert isinstance(call, Request)
        node.answer(call, 180, "Recv-Info: bells", tag="first")
        node.answer(call, 200, "Recv-Info: lights", body=DESCRIPTION, tag="second")
        self.assertEqual(statuses(node.user("info", package="lights")), ["INFO"])
        with self.assertRaises(Unsupported):
            node.user("info", package="bells")


class PendingTests(SynchronousTestCase):
    """A notifier that asks before it lets somebody watch."""

    def test_pending_then_active(self) -> None:
        """NOTIFY without a document, none for changes, and the whole state when it is granted."""
        # = rfc6665:4.2.1.2/2 test
        node = Node("notifier", uri="sip:room@192.0.2.1", pending=True)
        uri = "sip:room@192.0.2.1"
        rows = ["Event: conference", "Expires: 600"]
        answer, first = node.hear(asked("SUBSCRIBE", uri, *rows))
        self.assertEqual(statuses([answer, first]), [200, "NOTIFY"])
        self.assertEqual((first.headers.texts("subscription-state"), first.body), (["pending;expires=600"], b""))
        node.answer(first, 200)
        self.assertEqual(node.user("notify", uri=uri), [])
        node.wait(10.0)
        (second,) = node.user("grant", uri=uri)
        self.assertEqual(second.headers.texts("subscription-state"), ["active;expires=590"])
        self.assertIn(b'state="full"', second.body)
        node.answer(second, 200)
        self.assertEqual(node.user("grant", uri=uri), [])
        node.wait(10.0)
        self.assertEqual(statuses(node.user("notify", uri=uri)), ["NOTIFY"])

    def test_denied(self) -> None:
        """Who may not watch is told so, once; the conference is gone with the last one."""
        # = rfc6665:4.2.1.3/0 test
        node = Node("notifier", uri="sip:room@192.0.2.1", pending=True)
        uri = "sip:room@192.0.2.1"
        _, first = node.hear(asked("SUBSCRIBE", uri, "Event: conference", "Expires: 600"))
        node.answer(first, 200)
        (last,) = node.user("deny", uri=uri)
        self.assertEqual((last.headers.texts("subscription-state"), last.body), (["terminated;reason=rejected"], b""))
        self.assertEqual(node.user("grant", uri=uri), [])
        node.answer(last, 200)
        with self.assertRaises(Refusal):
            node.user("deny", uri=uri)

    def test_gone_before_it_is_granted(self) -> None:
        """Who ends its subscription is told nothing but the end; so is who fetches the state."""
        node = Node("notifier", uri="sip:room@192.0.2.1", pending=True)
        rows = ["Event: conference", "Expires: 0"]
        _, only = node.hear(asked("SUBSCRIBE", "sip:room@192.0.2.1", *rows))
        self.assertEqual((only.headers.texts("subscription-state"), only.body), (["terminated;reason=timeout"], b""))
        with self.assertRaises(Refusal):
            node.user("grant", uri="sip:nobody@192.0.2.1")


class SettingsTests(SynchronousTestCase):
    """What a node is told of packages."""

    def test_wrong_packages(self) -> None:
        """Each is refused."""
        wrong: list[Json] = ["keys", ["keys"], {"a b": []}, {"keys": "text/plain"}, {"keys": [5]}]
        for each in wrong:
            told: dict[str, Json] = {
                "listening": [{"transport": "udp", "address": NODE}],
                "settings": cast("Json", {"info_packages": each}),
            }
            with self.subTest(str(each)), self.assertRaises(BadSetting):
                settings(told)
