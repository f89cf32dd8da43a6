"""What a subject says, in one word, and whether that shows anything; of nodes of an overlay."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from conformance.judge.evidence import Evidence
from conformance.judge.play import Play
from conformance.judge.seen import Seen
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message
from conformance.live.verdicts.indifference import one_word, refuses_alike
from conformance.live.verdicts.words import said_in

HERE, THERE = "192.0.2.11:6084", "192.0.2.1:6084"


def message(number: int, code: int, transaction: int, error: int = 0) -> Seen:
    """A request of the harness, or the answer to it."""
    answer = code % 2 == 0 or code == 0xFFFF
    body: dict[str, Json] = {"error_code": error, "error_info": ""} if code == 0xFFFF else {}
    contents: dict[str, Json] = {"message_code": code, "message_body": body, "extensions": []}
    read = Message(bytes([number]), {"transaction_id": str(transaction)}, contents, {})
    ends = (THERE, HERE) if answer else (HERE, THERE)
    return Seen(
        number=number, time=float(number), source=ends[0], destination=ends[1], transport="tcp", protocol="reload",
        octets=bytes([number]), direction="sent" if answer else "received", reload=read,
    )  # fmt: skip


def evidence(*pairs: tuple[int, int, int], malformed: bool = False) -> Evidence:
    """Requests of these codes, each answered by a code and an error."""
    events = []
    for index, (asked, given, error) in enumerate(pairs):
        events.append(replace(message(2 * index + 1, asked, index), malformed=malformed))
        events.append(message(2 * index + 2, given, index, error))
    return Evidence(tuple(events), context=Context())


class WordsTests(SynchronousTestCase):
    """Errors, and answers that are to something else."""

    def test_words(self) -> None:
        """An error by its number; an answer to this request is a success, another one is not."""
        found = said_in(evidence((23, 24, 0), (7, 0xFFFF, 2), (9, 24, 0)))
        self.assertEqual([one.word for one in found], ["success", "error 2", "message 24"])
        self.assertEqual([one.refusal for one in found], [False, True, True])

    def test_everything_refused_alike(self) -> None:
        """A Ping that is refused as well, or different requests; not where one thing alone is refused."""
        self.assertIn("error 2", refuses_alike(evidence((7, 0xFFFF, 2), (23, 0xFFFF, 2))))
        self.assertEqual(refuses_alike(evidence((7, 0xFFFF, 2), (7, 0xFFFF, 2))), "")
        self.assertEqual(refuses_alike(evidence((7, 0xFFFF, 2), (23, 24, 0))), "")
        self.assertEqual(refuses_alike(evidence((7, 8, 0), (23, 24, 0))), "")

    def test_one_word_for_everything(self) -> None:
        """The same error, the same answer, or success for what is malformed too."""
        self.assertIn("error 9", one_word([evidence(*[(code, 0xFFFF, 9) for code in (7, 9, 13, 23, 25)])]))
        self.assertIn("message 24", one_word([evidence(*[(code, 24, 0) for code in (7, 9, 13, 23, 25)])]))
        every = [(code, code + 1, 0) for code in (7, 9, 13, 23, 25)] * 2
        self.assertIn("success", one_word([evidence(*every, malformed=True)]))
        self.assertEqual(one_word([evidence(*every)]), "")
        self.assertEqual(one_word([evidence((23, 24, 0), (7, 0xFFFF, 2), *every)]), "")

    def test_no_scenario_comes_to_its_end(self) -> None:
        """Whoever says a few things and then no more shows nothing; where one of many scenarios is played to its end, something is shown."""
        early = [replace(evidence((23, 24, 0)), play=Play(scenario="peer/x", complete=False)) for _ in range(10)]
        self.assertIn("no scenario", one_word(early))
        self.assertEqual(one_word(early[:9]), "")
        late = replace(early[0], play=Play(scenario="peer/x", complete=True))
        self.assertNotIn("no scenario", one_word([*early[:9], late]))
