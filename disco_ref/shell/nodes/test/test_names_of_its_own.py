"""What a node calls itself where its settings leave it open."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.nodes.test.nodes import PEER, Node, asked
from disco_ref.sip.message import Request, Response


class Names(SynchronousTestCase):
    """A node in virtual time."""

    def test_address(self) -> None:
        """Without an address of record it is its user, or a telephone, at the first place where it listens."""
        for user in ("", "bob"):
            node = Node(uri="", user=user)
            (invite,) = node.user("invite", uri=f"sip:peer@{PEER}")
            assert isinstance(invite, Request)
            self.assertEqual(invite.headers.from_.uri_text, f"sip:{user or 'phone'}@192.0.2.1:5060")

    def test_conference(self) -> None:
        """An order to a focus is for the conference that it names, by either name; without one, for its room."""
        for named, params in (
            ("team", {"target": "sip:team@192.0.2.1"}),
            ("tea", {"uri": "sip:tea@192.0.2.1"}),
            ("room", {}),
        ):
            node = Node("focus")
            for number, name in enumerate(("room", "team", "tea"), 1):
                node.hear(asked("INVITE", f"sip:{name}@192.0.2.1", call=f"b{number}"))
            node.user("lock", **params)
            for number, name in enumerate(("room", "team", "tea"), 1):
                answers = node.hear(asked("INVITE", f"sip:{name}@192.0.2.1", call=f"c{number}"))
                statuses = [each.status_code for each in answers if isinstance(each, Response)]
                self.assertEqual(403 in statuses, name == named)

    def test_realm(self) -> None:
        """A focus that is closed asks for credentials of its domain."""
        for domain in ("", "example.com"):
            node = Node("focus", domain=domain)
            node.user("challenge")
            (answer, *_) = [each for each in node.hear(asked("INVITE")) if isinstance(each, Response)]
            self.assertIn(f'realm="{domain or "focus"}"', str(answer.headers.texts("www-authenticate")))
