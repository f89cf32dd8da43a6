"""What each side of a dialog says that it takes of INFO packages (RFC 6086, section 5.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.dialog.willing import MOST_OVER, Exchange, Willing, Willingness
from disco_ref.sip.message import Message, read
from disco_ref.sip.test import messages


def message(recv: str | None) -> Message:
    """A request with or without Recv-Info."""
    return read(messages.request({"Recv-Info": recv}, method="INVITE"))


class WillingnessTest(SynchronousTestCase):
    """What one side is willing to receive."""

    def test_said(self) -> None:
        """Recv-Info tells; a message without it, or with a malformed one, changes nothing, an empty one takes all away."""
        # = rfc6086:5.2.2/2 test
        # = rfc6086:5.2.2/3 test
        # = rfc6086:5.2.2/4 test
        side = Willingness()
        self.assertFalse(side.admits("keys"))
        for number, text in enumerate(("keys, lights", None, "a b;;", ""), 1):
            side.said(message(text), Exchange(True, number))
            if number < 4:
                self.assertTrue(side.admits("keys") and side.admits("lights") and not side.admits("doors"))
        self.assertEqual((side.packages, side.admits("keys")), ((), False))

    def test_rejected(self) -> None:
        """What a rejected request said is taken back, also where its provisional responses said it again."""
        # = rfc6086:5.2.4/1 test
        side, change = Willingness(), Exchange(False, 2)
        side.said(message("keys"), Exchange(False, 1))
        side.said(message("doors"), change)
        side.said(message("doors"), change)
        side.roll_back(Exchange(True, 2))
        self.assertTrue(side.admits("doors"))
        side.roll_back(change)
        self.assertTrue(side.admits("keys") and not side.admits("doors"))
        side.roll_back(change)
        self.assertTrue(side.admits("keys"))


class WillingTest(SynchronousTestCase):
    """Both sides."""

    def test_accepted(self) -> None:
        """What was accepted is neither changed nor taken back by what comes of it later."""
        # = rfc6086:5.2.2/3 test
        both, first = Willing(), Exchange(True, 1)
        both.said(message("keys"), first, by_us=True)
        both.said(message("doors"), first, by_us=False)
        both.accepted(first)
        both.said(message("lights"), first, by_us=False)
        both.roll_back(first)
        self.assertEqual((both.ours.packages, both.theirs.packages), (("keys",), ("doors",)))

    def test_rejected(self) -> None:
        """Both sides take it back, once."""
        # = rfc6086:5.2.4/1 test
        both, change = Willing(), Exchange(False, 7)
        for by_us in (True, False):
            both.said(message("keys"), change, by_us=by_us)
        both.roll_back(change)
        both.said(message("keys"), change, by_us=True)
        self.assertEqual((both.ours.packages, both.theirs.packages), (None, None))

    def test_what_is_kept(self) -> None:
        """Only the last exchanges are remembered."""
        both = Willing()
        for number in range(100):
            both.accepted(Exchange(True, number))
        both.said(message("keys"), Exchange(True, 99 - MOST_OVER), by_us=True)
        self.assertEqual(both.ours.packages, ("keys",))
        both.said(message("doors"), Exchange(True, 100 - MOST_OVER), by_us=True)
        self.assertEqual(both.ours.packages, ("keys",))
