"""RTP of the subject as the parties heard it (RFC 3264, sections 5.1, 6, 6.1, 7 and 8.3; RFC 3261, sections 13.2.1 and 14.2).

What was heard stands in the notes of a scenario; only its order by parties and places can be told, not by messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong

HEARD = re.compile(r"^(\w+) heard (\d+) packets of format (\d+) from \S+(?: with (\d+) samples)?(?: (.+))?$")
PORT = re.compile(r"^the port (\S+) (takes|refuses) packets (.*)$")
FEW = 3
"""Packets that may be stray: under way, or of another talk."""
ANSWERED = (
    "user-agent/media-answered",
    "user-agent/media-one-format",
    "user-agent/media-refused-stream",
    "user-agent/media-moved",
)
OFFERED = ("user-agent/media-offered",)
SOUND = "RTP of the subject"


def heard(evidence: Evidence, party: str, when: str = "", *, samples: bool = False) -> dict[int, int]:
    """By format the packets that a party heard, at a time where ``when`` names one; with ``samples`` by their length instead."""
    found: dict[int, int] = {}
    for note in evidence.play.notes if evidence.play else ():
        match = HEARD.match(note)
        if match is not None and match[1] == party and (not when or match[5] == when):
            key = int(match[4] or 0) if samples else int(match[3])
            found[key] = found.get(key, 0) + int(match[2])
    return found


def whole(evidence: Evidence) -> bool:
    """Whether the ladder was played to its end: silence behind a point that was never reached says nothing."""
    return evidence.play is not None and evidence.play.complete


def formats(evidence: Evidence, party: str, *wanted: int, when: str = "") -> Iterator[Ruling]:
    """That a party heard these formats only; nothing where it heard nothing."""
    found = heard(evidence, party, when)
    others = {number for number, count in found.items() if number not in wanted and count > FEW}
    if found:
        expected = " or ".join(map(str, wanted))
        yield rule(not others, why="another format", expected=expected, seen=", ".join(map(str, sorted(found))))


def listens(evidence: Evidence, when: str) -> Iterator[Ruling]:
    """That a port takes packets, where it was tried then."""
    for note in evidence.play.notes if evidence.play else ():
        match = PORT.match(note)
        if match is not None and match[3] == when:
            yield rule(match[2] == "takes", why=f"a closed port {when}", expected="an open port", seen=match[1])


@check(
    "rfc3264/s06_1/sends-answered", "The answerer sends formats that offer and answer have, with the numbers of the offer.", "rfc3264:6.1/29a",
    "rfc3264:6.1/30", needs=SOUND, role="answerer", scenarios=ANSWERED[:2],
)  # fmt: skip
def sends_answered(evidence: Evidence) -> Iterator[Ruling]:
    """PCMU and PCMA, or PCMA alone where only that was offered."""
    alone = evidence.play is not None and evidence.play.scenario == "user-agent/media-one-format"
    yield from formats(evidence, "caller", *((8,) if alone else (0, 8)))


@check(
    "rfc3264/s06_1/sends-preferred", "Of the common formats the answerer sends the one that the offer puts first.", "rfc3264:6.1/29b",
    "rfc3264:5.1/14", needs=SOUND, level="SHOULD", role="answerer", scenarios=ANSWERED[:1],
)  # fmt: skip
def sends_preferred(evidence: Evidence) -> Iterator[Ruling]:
    """PCMA."""
    yield from formats(evidence, "caller", 8)


@check(
    "rfc3264/s06_1/open-behind-answer", "Once it has answered, the answerer takes media.", "rfc3264:6.1/24", "rfc3264:6.1/25a", "rfc3264:6.1/26a",
    needs="an answer of the subject with a port", role="answerer", scenarios=(*ANSWERED, "user-agent/media-listened"),
)  # fmt: skip
def open_behind_answer(evidence: Evidence) -> Iterator[Ruling]:
    """Its port does not refuse packets."""
    yield from listens(evidence, "behind the answer")


@check(
    "rfc3264/s06/refused-silent", "Nothing is sent on a stream that was refused.", "rfc3264:6/7", needs="RTP of the subject in the other stream",
    role="user-agent", scenarios=("user-agent/media-refused-stream",),
)  # fmt: skip
def refused_silent(evidence: Evidence) -> Iterator[Ruling]:
    """The other port heard nothing, the first one something."""
    stray = sum(heard(evidence, "other").values())
    if stray:
        yield wrong(why="a refused stream is sent", expected="nothing", seen=f"{stray} packets")
    elif heard(evidence, "caller"):
        yield right()


@check(
    "rfc3264/s08_3/moves", "A changed description changes where the subject's media goes.", "rfc3261:14.2/4", "rfc3264:8.3.1/7",
    needs="RTP of the subject, and a re-INVITE that moves it", role="answerer", scenarios=("user-agent/media-moved",),
)  # fmt: skip
def moves(evidence: Evidence) -> Iterator[Ruling]:
    """Packets at the new port."""
    if whole(evidence) and heard(evidence, "caller"):
        yield rule(
            bool(heard(evidence, "other")), why="media has not moved", expected="RTP at the new port", seen="none"
        )


@check(
    "rfc3264/s08_3_2/new-formats", "Behind a changed list the answerer sends formats that both descriptions have, and no longer others.",
    "rfc3264:8.3.2/5a", "rfc3264:8.3.2/5c", needs="RTP of the subject behind a re-INVITE with fewer formats", role="answerer",
    scenarios=("user-agent/media-moved",),
)  # fmt: skip
def new_formats(evidence: Evidence) -> Iterator[Ruling]:
    """PCMA at the new port."""
    yield from formats(evidence, "other", 8)


@check(
    "rfc3264/s05_1/open-ahead-of-answer", "From its offer on, the offerer takes media.", "rfc3264:5.1/20", "rfc3264:5.1/21",
    needs="an offer of the subject with a port", role="offerer", scenarios=OFFERED,
)  # fmt: skip
def open_ahead_of_answer(evidence: Evidence) -> Iterator[Ruling]:
    """Its port does not refuse packets."""
    yield from listens(evidence, "ahead of the answer")


@check(
    "rfc3264/s07/sends-answer", "The offerer sends formats of the answer only.", "rfc3264:7/2a", needs=SOUND, role="offerer", scenarios=OFFERED,
)  # fmt: skip
def sends_answer(evidence: Evidence) -> Iterator[Ruling]:
    """PCMU."""
    yield from formats(evidence, "callee", 0)


@check(
    "rfc3261/s13_2_1/first-answer-counts", "The first description that comes back is the answer, later ones are not.", "rfc3261:13.2.1/12a",
    "rfc3261:13.2.1/12b", needs="RTP of the subject behind 183 and 200 with different descriptions", role="user-agent-client",
    scenarios=("user-agent/media-first-answer",),
)  # fmt: skip
def first_answer_counts(evidence: Evidence) -> Iterator[Ruling]:
    """Packets at the place of the 183, and none at that of the 200."""
    first, second = heard(evidence, "callee"), heard(evidence, "other")
    if first or second:
        good = bool(first) and not second
        seen = "at that of the second" if second else "at that of the first"
        yield rule(good, why="another description", expected="RTP at the place of the first", seen=seen)


@check(
    "rfc3264/s05_1/answers-numbers", "Where the answer gives a codec another number, the offerer sends with that.", "rfc3264:5.1/10",
    needs="RTP of the subject behind an answer with another number", role="offerer", scenarios=("user-agent/media-other-number",),
)  # fmt: skip
def answers_numbers(evidence: Evidence) -> Iterator[Ruling]:
    """101, and no other."""
    yield from formats(evidence, "callee", 101)
