"""How much of a message a dialog keeps."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.dialog.dialog import LONGEST, Dialog, TooMuchToKeep, from_request, from_response, modest
from disco_ref.sip.dialog.test.test_dialog import request, response


def early() -> Dialog:
    """A dialog that a provisional response has begun."""
    return from_response(request(), response(status=180))


class Bounds(SynchronousTestCase):
    """Messages with a Contact that is as long as it may be, or longer."""

    def bounded(self, takes: Callable[[str], object]) -> None:
        """What takes a Contact takes one that fits, and refuses one that does not."""
        takes(f"<sip:bob@192.0.2.9;x={'x' * (LONGEST * 3 // 4)}>")
        self.assertRaises(TooMuchToKeep, takes, f"<sip:bob@192.0.2.9;x={'x' * LONGEST}>")

    def test_begun(self) -> None:
        """By the response to a request of ours."""
        self.bounded(lambda contact: from_response(request(), response(contact=contact)))

    def test_confirmed(self) -> None:
        """By the 2xx to an early dialog."""
        self.bounded(lambda contact: early().confirm(response(contact=contact)))

    def test_refreshed(self) -> None:
        """By a request or response that refreshes the target, which then stays as it was."""
        self.bounded(lambda contact: early().refresh(response(contact=contact)))
        self.bounded(lambda contact: early().refresh(request(contact=contact)))
        dialog = early()
        self.assertRaises(TooMuchToKeep, dialog.refresh, response(contact=f"<sip:b@192.0.2.8;x={'x' * LONGEST}>"))
        self.assertEqual(str(dialog.target), "sip:bob@192.0.2.9")

    def test_asked(self) -> None:
        """A request is asked before a dialog is made of it: many short routes cost as much as a long one."""
        self.bounded(lambda contact: modest(request(contact=contact)))
        routes = ", ".join(["<sip:p;lr>"] * (LONGEST // 16))
        self.assertRaises(TooMuchToKeep, modest, request(routes=routes, contact="<sip:b@192.0.2.9>"))
        few_characters = ",".join(["<sip:p>"] * (LONGEST // 30))
        self.assertRaises(TooMuchToKeep, modest, request(routes=few_characters, contact="<sip:b@192.0.2.9>"))
        self.assertEqual(len(from_request(request(routes="<sip:p;lr>", contact="<sip:b@h>"), "t").route_set), 1)
