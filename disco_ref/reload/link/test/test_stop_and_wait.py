"""The table of the stop-and-wait sender (RFC 6940, section 6.6.3.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.reload.link.stop_and_wait import STOP_AND_WAIT


def after(*events: str) -> list[str]:
    """The states that events lead through, from the start."""
    state, passed = STOP_AND_WAIT.start, []
    for event in events:
        step = STOP_AND_WAIT.step(state, event)
        state = state if step is None else step.to
        passed.append(state)
    return passed


class StopAndWaitTests(SynchronousTestCase):
    """Ways through the table."""

    def test_answered(self) -> None:
        """A message, its acknowledgement, the pause, the next message."""
        # = rfc6940:6.6.3.1/11 test
        way = after("message", "message", "ACK", "10 ms", "ACK", "10 ms, none waits")
        self.assertEqual(way, ["Waiting", "Waiting", "Pausing", "Waiting", "Pausing", "Idle"])

    def test_unanswered(self) -> None:
        """Through a failing link to one that has failed."""
        # = rfc6940:6.6.3.1/8 test
        # = rfc6940:6.6.3.1/9 test
        way = after("message", "RTO", "RTO", "third RTO", "RTO", "last RTO")
        self.assertEqual(way, ["Waiting", "Waiting", "Waiting", "Failing", "Failing", "Failed"])

    def test_sent_only_from_idle_or_after_the_pause(self) -> None:
        """Only two arrows send a new message, and neither leaves a state with one under way."""
        # = rfc6940:6.6.3.1/1 test
        sending = {cell for cell, step in STOP_AND_WAIT.cells.items() if "send" in step.actions}
        self.assertEqual(sending, {("Idle", "message"), ("Pausing", "10 ms")})

    def test_every_retransmission_doubles(self) -> None:
        """Whatever sends again has doubled the time to wait before."""
        # = rfc6940:6.6.3.1/6 test
        for step in STOP_AND_WAIT.cells.values():
            self.assertEqual("send again" in step.actions, "double RTO" in step.actions)

    def test_nothing_to_acknowledge(self) -> None:
        """An acknowledgement of what is under way, while nothing is, is a mistake of the one who tells of it."""
        for state in ("Idle", "Pausing"):
            with self.assertRaises(RuntimeError):
                STOP_AND_WAIT.step(state, "ACK")
