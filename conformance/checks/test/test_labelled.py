"""What was sent under a label, and what came of it (conformance/checks/rfc6940/live/labelled.py)."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.rfc6940.live.labelled import closed, granted, party_of, put, refused, vanished
from conformance.judge.evidence import Evidence
from conformance.judge.play import Play
from conformance.judge.seen import Direction, Seen
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import read_message
from conformance.live.overlay import writing

ANN, BEN, SUBJECT = "192.0.2.11:40001", "192.0.2.12:40002", "192.0.2.1:6084"
CONTEXT = Context(overlay_name="overlay.example.org")
HEADER: dict[str, Json] = {
    "relo_token": 0xD2454C4F, "overlay": 0x7EC45E4F, "configuration_sequence": 1, "version": 10, "ttl": 100, "fragment": 0xC0000000,
    "max_response_length": 0, "via_list": [], "options": [], "destination_list": [writing.node(bytes(16))],
}  # fmt: skip


def octets(code: int, body: str, transaction: int = 7) -> bytes:
    """An unsigned message."""
    return writing.message({**HEADER, "transaction_id": str(transaction)}, code, bytes.fromhex(body), None, CONTEXT)


def frame(number: int, message: bytes, label: str) -> Seen:
    """A data frame of the harness."""
    return Seen(
        number=number, time=0.0, source=ANN, destination=SUBJECT, transport="tcp", protocol="reload-link",
        octets=b"\x80" + bytes(4) + len(message).to_bytes(3) + message, direction="received",
        link={"type": "data", "sequence": 0, "message": message.hex()}, label=label,
    )  # fmt: skip


def message(number: int, sent: bytes, to: str, direction: Direction = "sent") -> Seen:
    """A message of the subject."""
    read = read_message(sent, Context())
    return Seen(
        number=number, time=0.0, source=SUBJECT, destination=to, transport="tcp", protocol="reload", octets=sent,
        direction=direction, reload=read, header=read.header,
    )  # fmt: skip


PING, PING_ANS, ERROR = octets(23, "0000"), octets(24, "00" * 16), octets(0xFFFF, "00070000")


class LabelledTests(SynchronousTestCase):
    """Answers, and the same message elsewhere."""

    def evidence(self, *events: Seen, answered: bool = True) -> Evidence:
        """With the links of two parties, one of which the subject closes, and a sane exchange at the end."""
        facts = [
            (0, {"what": "open", "party": "ann", "near": ANN, "by": "harness"}),
            (0, {"what": "open", "party": "ben", "near": BEN, "by": "harness"}),
            (2, {"what": "closed", "party": "ann", "near": ANN, "by": "subject"}),
        ]
        play = Play(scenario="peer/x", complete=True, probes=((9, answered),), facts=tuple(facts))
        return Evidence(events, play=play)

    def test_answers(self) -> None:
        """What comes back behind a frame under its transaction ID answers it; what was there before does not."""
        found = self.evidence(
            message(1, PING_ANS, ANN),
            frame(2, PING, "x"),
            message(3, ERROR, ANN),
            message(4, octets(24, "00" * 16, 8), ANN),
        )
        (one,) = put(found, "x")
        self.assertEqual([event.number for event, _ in one.answers], [3])
        self.assertEqual((one.error, one.outcome, one.elsewhere), (7, "error 7", ()))
        self.assertTrue(refused(one, 7).right)
        self.assertIs(refused(one, 6).right, False)
        self.assertIs(granted(one).right, False)

    def test_elsewhere(self) -> None:
        """A message on its way to another party is no answer, and what must be refused must not be passed on."""
        (one,) = put(self.evidence(frame(1, PING, "x"), message(2, PING, BEN), message(3, ERROR, ANN)), "x")
        self.assertEqual([event.number for event, _ in one.elsewhere], [2])
        self.assertIs(refused(one, 7).right, False)

    def test_unreadable(self) -> None:
        """What is no message has its transaction ID all the same."""
        bad = b"\x00" + PING[1:]
        (one,) = put(self.evidence(frame(1, bad, "x"), message(2, PING_ANS, ANN)), "x")
        self.assertTrue(granted(one).right)

    def test_vanished(self) -> None:
        """Silence is right only where the subject lives, and serves what it should."""
        found = self.evidence(frame(1, PING, "x"), message(2, octets(24, "00" * 16, 9), ANN))
        (one,) = put(found, "x")
        self.assertTrue(vanished(found, one, True).right)
        self.assertIsNone(vanished(found, one, False).right)
        dead = self.evidence(frame(1, PING, "x"), message(2, octets(24, "00" * 16, 9), ANN), answered=False)
        self.assertIs(vanished(dead, one, True).right, False)
        self.assertIsNone(vanished(replace(found, play=None), one, True).right)

    def test_parties_and_ends(self) -> None:
        """Whose link a message goes over, and whether the subject has closed it since."""
        ping = frame(1, PING, "x")
        found = self.evidence(ping, message(2, PING, BEN))
        self.assertEqual([party_of(found, event) for event in found.events], ["ann", "ben"])
        self.assertTrue(closed(found, ping))
        self.assertFalse(closed(found, replace(ping, number=3)))
