"""What the user of a telephone in virtual time can do."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.settings import BadSetting
from disco_ref.shell.nodes.test.nodes import DESCRIPTION, PEER, Node, asked, invite, statuses
from disco_ref.sip.message import Request, Response

AT_PEER = f"sip:peer@{PEER}"


def called(node: Node) -> Request:
    """The user calls the peer: the INVITE."""
    (request,) = node.user("invite", uri=AT_PEER)
    assert isinstance(request, Request)
    return request


class CallTests(SynchronousTestCase):
    """Calls made and taken."""

    def test_calls(self) -> None:
        """INVITE with an offer, ACK, and BYE when told."""
        node = Node()
        request = called(node)
        self.assertEqual((request.method, str(request.request_uri)), ("INVITE", AT_PEER))
        self.assertIn(b"m=audio", request.body)
        self.assertEqual(statuses(node.answer(request, 200, body=DESCRIPTION)), ["ACK"])
        self.assertEqual(statuses(node.user("bye")), ["BYE"])

    def test_takes_back(self) -> None:
        """CANCEL waits for a provisional response."""
        node = Node()
        request = called(node)
        self.assertEqual(node.user("cancel"), [])
        self.assertEqual(statuses(node.answer(request, 180)), ["CANCEL"])

    def test_answers_by_hand(self) -> None:
        """It rings until it is told, then takes the call or not."""
        for what, status in (("answer", 200), ("reject", 486)):
            node = Node()
            node.user("manual")
            with self.subTest(what):
                self.assertEqual(statuses(node.hear(invite())), [180])
                self.assertEqual(statuses(node.user(what)), [status])

    def test_automatic_again(self) -> None:
        """The next call is taken at once."""
        node = Node()
        node.user("manual")
        node.user("automatic")
        self.assertEqual(statuses(node.hear(invite())), [180, 200])

    def test_an_offer_of_no_use(self) -> None:
        """In a 2xx to an INVITE without one: the ACK answers it with port 0, and BYE follows; within a call under the session's own origin."""
        strange = DESCRIPTION.replace(b"RTP/AVP 0", b"RTP/AVP 96") + b"a=rtpmap:96 X-NOBODY/8000\r\n"
        for what in ("invite", "reinvite"):
            node = Node() if what == "invite" else self.standing()[0]
            with self.subTest(what):
                (request,) = node.user(what, uri=AT_PEER, offer="late")
                ack, bye = node.answer(request, 200, body=strange)
                assert isinstance(ack, Request) and isinstance(bye, Request)
                self.assertEqual((ack.method, bye.method), ("ACK", "BYE"))
                self.assertIn(b"m=audio 0 RTP/AVP 96", ack.body)
                self.assertEqual(b"IN IP4 192.0.2.1\r\n" in ack.body, what == "reinvite")

    def standing(self) -> tuple[Node, Request]:
        """A call that the node has made."""
        node = Node()
        request = called(node)
        (ack,) = node.answer(request, 200, "Allow: UPDATE, INVITE, INFO, REFER", body=DESCRIPTION)
        assert isinstance(ack, Request)
        return node, ack

    def test_changes(self) -> None:
        """Hold, resume and update are requests within the call."""
        node, ack = self.standing()
        (hold,) = node.user("hold")
        assert isinstance(hold, Request)
        self.assertIn(b"a=sendonly", hold.body)
        self.assertEqual(hold.headers.call_id, ack.headers.call_id)
        self.assertEqual(statuses(node.answer(hold, 200, body=DESCRIPTION)), ["ACK"])
        (resume,) = node.user("resume")
        assert isinstance(resume, Request)
        self.assertIn(b"a=sendrecv", resume.body)
        node.answer(resume, 200, body=DESCRIPTION)
        self.assertEqual(statuses(node.user("update")), ["UPDATE"])
        self.assertEqual(statuses(node.user("info")), ["INFO"])

    def test_offers(self) -> None:
        """Other directions and formats, another port and medium; by UPDATE where that is wanted."""
        wanted: list[tuple[str, dict[str, str], str, bytes]] = [
            ("listen", {}, "INVITE", b"a=recvonly"),
            ("formats", {"formats": "8"}, "INVITE", b"RTP/AVP 8\r\n"),
            ("move", {}, "INVITE", b"m=audio 40010 RTP/AVP 0 8 101"),
            ("medium", {}, "INVITE", b"m=video 40010 RTP/AVP"),
            ("update", {"direction": "inactive"}, "UPDATE", b"a=inactive"),
        ]
        for what, params, method, expected in wanted:
            node, _ = self.standing()
            with self.subTest(what):
                (request,) = node.user(what, **params)
                assert isinstance(request, Request)
                self.assertEqual(request.method, method)
                self.assertIn(expected, request.body)

    def test_moves_in_an_answer(self) -> None:
        """Nothing is offered; the next answer names the port."""
        node, ack = self.standing()
        self.assertEqual(node.user("move", when="answer"), [])
        to, sender = ack.headers.from_, str(ack.headers.to).partition("tag=")[2].encode()
        again = asked("INVITE", "sip:alice@192.0.2.1:5060", "Content-Type: application/sdp", to=str(to), body=DESCRIPTION,
                      call=ack.headers.call_id).replace(b";tag=p\r", b";tag=" + sender + b"\r")  # fmt: skip
        (answer,) = node.hear(again)
        self.assertIn(b"m=audio 40010", answer.body)

    # = rfc3311:5.3/2 test
    # = rfc3311:5.3/3 test
    def test_an_update_that_meets_another_offer(self) -> None:
        """It is tried again after 2.1 to 4 seconds."""
        node, _ = self.standing()
        (first,) = node.user("update", direction="recvonly")
        self.assertEqual(node.answer(first, 491), [])
        self.assertEqual(node.wait(2.0), [])
        (again,) = node.wait(2.1)
        assert isinstance(again, Request)
        self.assertEqual((again.method, b"a=recvonly" in again.body), ("UPDATE", True))

    def test_wrong_offers(self) -> None:
        """Formats that were not offered, directions that there are not, and media where none is told."""
        node, _ = self.standing()
        for what, params in (("formats", {"formats": "3"}), ("update", {"direction": "up"})):
            with self.subTest(what), self.assertRaises(BadSetting):
                node.user(what, **params)
        silent = Node(media="")
        called(silent)
        for what in ("move", "medium"):
            with self.subTest(what), self.assertRaises(Unsupported):
                silent.user(what)

    def test_refreshes_what_a_refer_has_made(self) -> None:
        """With the id that its NOTIFY has."""
        # = rfc3515:2.4.6/3 test
        # = rfc6665:4.5.2/8 test
        node, _ = self.standing()
        (refer,) = node.user("refer", uri="sip:carol@192.0.2.9")
        assert isinstance(refer, Request)
        node.answer(refer, 202)
        number = refer.headers.cseq.number
        self.assertEqual(node.user("refresh"), [])
        notify = asked("NOTIFY", "sip:alice@192.0.2.1:5060", f"Event: refer;id={number}", "Subscription-State: active;expires=60",
                       "Content-Type: message/sipfrag", to=str(refer.headers.from_), call=refer.headers.call_id,
                       body=b"SIP/2.0 100 Trying\r\n").replace(b";tag=p\r", b";tag=peer-tag\r")  # fmt: skip
        self.assertEqual(statuses(node.hear(notify)), [200])
        (again,) = node.user("refresh")
        assert isinstance(again, Request)
        self.assertEqual((again.method, again.headers.texts("event")), ("SUBSCRIBE", [f"refer;id={number}"]))

    def test_refers(self) -> None:
        """Within its call, and outside of any."""
        node, ack = self.standing()
        (inside,) = node.user("refer", uri="sip:carol@192.0.2.9")
        (outside,) = node.user("refer", uri="sip:carol@192.0.2.9", target=AT_PEER)
        assert isinstance(inside, Request) and isinstance(outside, Request)
        self.assertEqual(inside.headers.call_id, ack.headers.call_id)
        self.assertIsNone(outside.headers.to.tag)
        self.assertEqual(inside.headers.texts("refer-to"), ["<sip:carol@192.0.2.9>"])

    def test_not_now(self) -> None:
        """Without a call there is nothing to end, to hold or to answer."""
        node = Node()
        for what in ("bye", "hold", "answer", "reject", "cancel", "update", "info", "unregister"):
            with self.subTest(what), self.assertRaises(Unsupported):
                node.user(what)

    def test_what_cannot_be_done(self) -> None:
        """It is said, with what comes near; a URI is needed where one is."""
        node = Node()
        with self.assertRaisesRegex(Unsupported, "invite"):
            node.user("invit")
        with self.assertRaises(BadSetting):
            node.user("invite")
        with self.assertRaises(Unsupported):
            node.user("invite", uri="not a uri")


class OtherTests(SynchronousTestCase):
    """Registrations, subscriptions, questions."""

    def test_registers(self) -> None:
        """With one Call-ID and growing numbers; taken back with no time."""
        node = Node(user="alice", password="geheim")
        (first,) = node.user("register", uri=f"sip:{PEER}")
        assert isinstance(first, Request)
        challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5, qop="auth"'
        (proved,) = node.answer(first, 401, challenge)
        assert isinstance(proved, Request)
        self.assertIn('username="alice"', proved.headers.texts("authorization")[0])
        self.assertNotIn("geheim", str(proved))
        node.answer(proved, 200, f"Contact: {first.headers.texts('contact')[0]};expires=600")
        (again,) = node.user("register", uri=f"sip:{PEER}")
        assert isinstance(again, Request)
        node.answer(again, 200, f"Contact: {first.headers.texts('contact')[0]};expires=600")
        (last,) = node.user("unregister")
        assert isinstance(last, Request)
        self.assertEqual(last.headers.texts("expires"), ["0"])
        self.assertEqual(len({each.headers.call_id for each in (first, proved, again, last)}), 1)
        self.assertEqual([each.headers.cseq.number for each in (first, proved, again, last)], [1, 2, 3, 4])

    # = rfc6665:4.5.1/1a test
    # = rfc6665:4.5.1/1b test
    def test_takes_a_gruu(self) -> None:
        """As a device it asks for one, and has those come by it who follow its referrals."""
        node = Node()
        (request,) = node.user("register", uri=f"sip:{PEER}", instance="urn:x")
        assert isinstance(request, Request)
        self.assertIn("gruu", request.headers.texts("supported"))
        (contact,) = request.headers.texts("contact")
        self.assertIn('+sip.instance="<urn:x>"', contact)
        node.answer(request, 200, f'Contact: {contact};pub-gruu="sip:alice@192.0.2.1;gr=urn:x";expires=600')
        sent = node.hear(asked("REFER", "sip:alice@192.0.2.1", "Refer-To: <sip:carol@192.0.2.9>"))
        self.assertEqual(statuses(sent)[:2], [202, "NOTIFY"])
        self.assertEqual([one.headers.texts("contact") for one in sent[:2]], [["<sip:alice@192.0.2.1;gr=urn:x>"]] * 2)

    def test_subscribes(self) -> None:
        """SUBSCRIBE, and Expires: 0 once the subscription stands."""
        node = Node()
        (request,) = node.user("subscribe", uri=AT_PEER, event="conference")
        assert isinstance(request, Request)
        node.answer(request, 200, "Expires: 600")
        to = f"{request.headers.from_}"
        notify = asked("NOTIFY", "sip:alice@192.0.2.1:5060", "Event: conference", "Subscription-State: active;expires=600",
                       to=to, call=request.headers.call_id).replace(b";tag=p", b";tag=peer-tag")  # fmt: skip
        self.assertEqual(statuses(node.hear(notify)), [200])
        (last,) = node.user("unsubscribe")
        assert isinstance(last, Request)
        self.assertEqual(last.headers.texts("expires"), ["0"])

    def test_other_packages(self) -> None:
        """Only conferences can be subscribed to."""
        with self.assertRaisesRegex(Unsupported, "presence"):
            Node().user("subscribe", uri=AT_PEER, event="presence")

    def test_asks_what_somebody_can_do(self) -> None:
        """OPTIONS with Accept, whose answer nobody waits for in vain."""
        node = Node()
        (request,) = node.user("options", uri=AT_PEER)
        assert isinstance(request, Request)
        self.assertEqual(request.headers.texts("accept"), ["application/sdp"])
        self.assertEqual(node.answer(request, 200), [])

    def test_the_chair_of_a_conference(self) -> None:
        """Who runs a focus calls somebody into a conference that is there."""
        node = Node("notifier")
        said = node.hear(asked("SUBSCRIBE", "sip:room@192.0.2.1", "Event: conference", "Expires: 600"))
        self.assertEqual(statuses(said), [200, "NOTIFY"])
        notify = said[1]
        node.answer(notify, 200)
        (told,) = [*node.user("notify", uri="sip:room@192.0.2.1"), *node.wait(5.0)]
        assert not isinstance(told, Response)
        self.assertEqual(told.method, "NOTIFY")
        with self.assertRaises(Unsupported):
            node.user("hold")
