"""What the messages that begin a dialog say of the INFO packages that each side takes (RFC 6086, section 5.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.dialog.dialog import Dialog, from_request, from_response
from disco_ref.sip.dialog.test.test_dialog import request, response


class Beginnings(SynchronousTestCase):
    """An INVITE that takes one package, and its 200 that takes another."""

    def told(self, dialog: Dialog) -> tuple[object, object]:
        """What we take, and what the other side takes."""
        assert dialog.willing is not None
        return dialog.willing.ours.packages, dialog.willing.theirs.packages

    def test_sides(self) -> None:
        """Either side knows which of the two is its own."""
        invite, success = request(contact="<sip:alice@192.0.2.1>"), response()
        invite = invite._replace(headers=invite.headers.with_lines(["Recv-Info: ours"]))
        success = success._replace(headers=success.headers.with_lines(["Recv-Info: theirs"]))
        self.assertEqual(self.told(from_response(invite, success)), (("ours",), ("theirs",)))
        self.assertEqual(self.told(from_request(invite, "t"))[1], ("ours",))
