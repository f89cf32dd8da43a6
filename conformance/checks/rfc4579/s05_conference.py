"""Conferences are created, joined, left and asked about (RFC 4579, sections 3.1, 4 and 5; from memory)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, status_of, survived
from conformance.checks.rfc4579.seen import FOCUS, conference_of, is_focus, joins, said_by_focus, same
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.live.dialog import text_of_contact

CALLS = ("focus/create", "focus/join", "focus/unaware", "focus/hold", "focus/lock", "focus/capacity", "focus/ended")
DIAL_OUT = ("focus/dial-out", "focus/dial-out-refused", "focus/refer-inside", "focus/invites")
JOINS = ("join", "join-unlocked", "join-room", "sound")


@check(
    "rfc4579/s03_1/isfocus", "The Contact of a focus in the dialogs of a conference has isfocus.", "rfc4579:3.1/101", "rfc4579:5.2/101",
    needs="a call to a conference, or of a focus", role=FOCUS, scenarios=(*CALLS, *DIAL_OUT),
)  # fmt: skip
def isfocus(evidence: Evidence) -> Iterator[Ruling]:
    """Contact of its INVITEs, and of its 2xx to INVITEs."""
    for event, message in said_by_focus(evidence):
        seen = message.lines("contact")
        yield rule(
            is_focus(message), event, why="not told to be a focus", expected="isfocus", seen=seen, place="Contact"
        )


@check(
    "rfc4579/s04_3/contact-is-conference", "The Contact of a focus is the URI of the conference, for everybody who is in it.",
    "rfc4579:4.3/101", needs="several participants of a conference", role=FOCUS, scenarios=("focus/join", "focus/hold", *DIAL_OUT),
)  # fmt: skip
def contact_is_conference(evidence: Evidence) -> Iterator[Ruling]:
    """User and host of each Contact against the one that the first participant was told."""
    wanted = conference_of(evidence)
    for event, message in said_by_focus(evidence):
        told = text_of_contact(message)
        if not wanted:
            yield unclear(event, why="the first participant was told no Contact")
            continue
        yield rule(same(told, wanted), event, why="not the conference", expected=wanted, seen=told, place="Contact")


@check(
    "rfc4579/s05_4/factory", "An INVITE to the factory creates a conference of its own, whose URI is in the Contact of the answer.",
    "rfc4579:5.4/101", needs="two INVITEs to a factory URI", role=FOCUS, scenarios=("focus/create",),
)  # fmt: skip
def factory(evidence: Evidence) -> Iterator[Ruling]:
    """Two URIs that are not that of the factory, and not the same; where the subject's URI is a conference itself there is none."""
    found = [one for one in evidence.asked("create") if one.final is not None and status_of(one) < 400]
    told = [(one, text_of_contact(one.final[1])) for one in found if one.final is not None]
    if len(told) < 2 or all(same(uri, one.request.request_uri) for one, uri in told):
        return
    uris = [uri for _, uri in told]
    for number, (one, uri) in enumerate(told):
        assert one.final is not None
        good = (
            bool(uri) and not same(uri, one.request.request_uri) and not any(same(uri, each) for each in uris[:number])
        )
        yield rule(
            good,
            one.event,
            one.final[0],
            why="no conference of its own",
            expected="another URI",
            seen=uri,
            place="Contact",
        )


@check(
    "rfc4579/s05_1/joined", "Who calls the conference URI is in.", "rfc4579:5.1/101", needs="a call to the URI of a conference that is open",
    role=FOCUS, scenarios=(*CALLS, "focus/roster", "focus/roster-crowd", "focus/same-caller", "focus/malformed-invite"),
)  # fmt: skip
def joined(evidence: Evidence) -> Iterator[Ruling]:
    """200, with a session description where the INVITE had an offer."""
    for one in evidence.asked(*JOINS):
        yield answered_by(evidence, one, 200, why="turned away")
        if accepted(one) and one.final is not None:
            has = bool(one.final[1].body)
            yield rule(
                has,
                one.event,
                one.final[0],
                why="no session",
                expected="a session description",
                seen="none",
                place="body",
            )


@check(
    "rfc4579/s05_1/stays-in", "Who is in stays in when another one leaves or is refused, be it who created the conference.", "rfc4579:5.1/101",
    "rfc4579:5/0", needs="a request of a participant behind the leaving of another", role=FOCUS,
    scenarios=("focus/join", "focus/remove-nobody"),
)  # fmt: skip
def stays_in(evidence: Evidence) -> Iterator[Ruling]:
    """The request is served."""
    for one in evidence.asked("still-in"):
        yield answered_by(evidence, one, 200, why="not in any more")
    for one in evidence.transactions:
        if one.event.direction == "sent" and one.method == "BYE":
            yield wrong(one.event, why="put out of the conference", expected="no BYE", seen=one.request.title)


@check(
    "rfc4579/s04_1/unaware", "Who knows nothing of conferences is served as in any other call.", "rfc4579:4.1/101",
    needs="calls without Allow, Supported and Accept, with and without an offer", role=FOCUS, scenarios=("focus/unaware",),
)  # fmt: skip
def unaware(evidence: Evidence) -> Iterator[Ruling]:
    """Granted, without Require; re-INVITE and BYE are served, nothing else is sent to it."""
    for one in evidence.asked("unaware", "no-offer", "unaware-again", "leave"):
        yield answered_by(evidence, one, 200, why=f"{one.event.label} is not served")
        if accepted(one) and one.final is not None and one.method == "INVITE":
            good = not one.final[1].values("require") and bool(one.final[1].body)
            seen = f"Require {one.final[1].lines('require')}, {len(one.final[1].body)} octets"
            yield rule(
                good, one.event, one.final[0], why="asks for more", expected="a session and no Require", seen=seen
            )
    strange = [
        one
        for one in evidence.transactions
        if one.event.direction == "sent" and one.method in ("NOTIFY", "SUBSCRIBE", "REFER")
    ]
    for one in strange:
        yield wrong(one.event, why="a method that it does not know", expected="none", seen=one.request.title)


@check(
    "rfc4579/s05_13/options", "The answer to OPTIONS at a conference has isfocus in Contact.", "rfc4579:5.13/101",
    needs="an OPTIONS to a conference URI with a 2xx", level="SHOULD", role=FOCUS, scenarios=("focus/options",),
)  # fmt: skip
def options(evidence: Evidence) -> Iterator[Ruling]:
    """Contact of the 2xx; the conference is there, so it is answered with one."""
    for one in evidence.asked("options"):
        yield answered_by(evidence, one, 200, why="a conference that is there")
        if accepted(one) and one.final is not None:
            seen = one.final[1].lines("contact")
            yield rule(
                is_focus(one.final[1]),
                one.event,
                one.final[0],
                why="no focus",
                expected="isfocus",
                seen=seen,
                place="Contact",
            )


@check(
    "rfc4579/s05_1/no-codec", "Who offers nothing that the conference can use is refused.", "rfc4579:5.1/101", "rfc3261:13.3.1.3/0",
    needs="an INVITE with codecs that nobody has", level="SHOULD", role=FOCUS, scenarios=("focus/no-common-codec",),
)  # fmt: skip
def no_codec(evidence: Evidence) -> Iterator[Ruling]:
    """488, or an answer that refuses the streams."""
    for one in evidence.asked("no-codec"):
        if accepted(one) and one.final is not None:
            refused = b"m=audio 0 " in one.final[1].body
            yield rule(
                refused, one.event, one.final[0], why="taken", expected="488, or port 0", seen=one.final[1].title
            )
        elif one.final is not None:
            good, expected = status_of(one) in (488, 606), "488 or 606"
            yield rule(good, one.event, one.final[0], why="another status", expected=expected, seen=one.final[1].title)


@check(
    "rfc4579/s05_1/locked", "Nobody joins a conference that is locked; when it is opened, calls are taken again.", "rfc4579:5.1/101",
    needs="a call to a conference that was locked", role=FOCUS, scenarios=("focus/lock",),
)  # fmt: skip
def locked(evidence: Evidence) -> Iterator[Ruling]:
    """A refusal, then 200."""
    yield from _turned_away(evidence, "join-locked")
    for one in evidence.asked("join-unlocked"):
        yield answered_by(evidence, one, 200, why="open again")


@check(
    "rfc4579/s05_1/full", "Nobody joins a conference that has no room; when somebody leaves there is room again.", "rfc4579:5.1/101",
    needs="a call to a conference with as many calls as it may have", role=FOCUS, scenarios=("focus/capacity",),
)  # fmt: skip
def full(evidence: Evidence) -> Iterator[Ruling]:
    """A refusal, then 200."""
    yield from _turned_away(evidence, "join-full")
    for one in evidence.asked("join-room"):
        yield answered_by(evidence, one, 200, why="room again")


@check(
    "rfc4579/s05_1/proof-wanted",
    "A focus that wants proof lets nobody in and calls nobody without it.",
    "rfc4579:5.1/101",
    "rfc3261:22.1/1a",
    needs="a focus with credentials",
    role=FOCUS,
    scenarios=("focus/proof",),
)
def proof_wanted(evidence: Evidence) -> Iterator[Ruling]:
    """The status without proof, and with it."""
    for one in evidence.asked("unproved", "unproved-refer"):
        yield answered_by(evidence, one, 401, 403, 407, 603, why=one.event.label)
    for one in evidence.asked("proved"):
        yield answered_by(evidence, one, 200, why="the right password")


def _turned_away(evidence: Evidence, label: str) -> Iterator[Ruling]:
    for one in evidence.asked(label):
        if one.final is not None:
            yield rule(
                status_of(one) >= 400,
                one.event,
                one.final[0],
                why="let in",
                expected="a refusal",
                seen=one.final[1].title,
            )


@check(
    "rfc4579/s05/ended", "When a focus ends a conference everybody in it gets BYE, and who watches is told.", "rfc4579:5/0", "rfc6665:4.2.1.4/3",
    needs="a conference that its focus ends", role=FOCUS, scenarios=("focus/ended",),
)  # fmt: skip
def ended(evidence: Evidence) -> Iterator[Ruling]:
    """A BYE for each call; a NOTIFY that says terminated."""
    for one in joins(evidence):
        if accepted(one) and one.final is not None:
            series = evidence.calls.get(one.request.call_id, [])
            bye = next((each for each in series if each.method == "BYE" and each.event.direction == "sent"), None)
            yield (right(one.final[0], bye.event) if bye else
                   wrong(one.final[0], why="left in", expected="BYE", seen="none"))  # fmt: skip
    for one in evidence.asked("subscribe"):
        told = [each for each in evidence.calls.get(one.request.call_id, []) if each.method == "NOTIFY"]
        good = any("terminated" in line.lower() for each in told for line in each.request.lines("subscription-state"))
        yield rule(good, one.event, why="not told of the end", expected="terminated", seen=f"{len(told)} NOTIFYs")


@check(
    "rfc4579/s05/survives-malformed", "Whatever comes to a conference, the next good request is answered.", "rfc3261:7/0", "rfc4579:5/0",
    needs="malformed INVITEs and REFERs, each followed by a sane exchange", role=FOCUS,
    scenarios=("focus/malformed-invite", "focus/malformed-refer"),
)  # fmt: skip
def survives(evidence: Evidence) -> Iterator[Ruling]:
    """The probe behind each, and who was in stays in."""
    yield from survived(evidence, "bad-")
    for one in evidence.asked("sound", "leave"):
        yield answered_by(evidence, one, 200, why="a sound request behind them")


@check(
    "rfc4579/s05/malformed-refused", "An INVITE or REFER that breaks its grammar where it matters is refused.", "rfc3261:21.4/0",
    "rfc3515:2.4.2/4", needs="malformed INVITEs and REFERs", level="SHOULD", role=FOCUS,
    scenarios=("focus/malformed-invite", "focus/malformed-refer"),
)  # fmt: skip
def malformed_refused(evidence: Evidence) -> Iterator[Ruling]:
    """No 2xx."""
    for one in evidence.transactions:
        name = one.event.label
        if name.startswith("bad-") and one.final is not None:
            why, seen = f"{name.partition('-')[2]}: served", one.final[1].title
            yield rule(status_of(one) >= 300, one.event, one.final[0], why=why, expected="a refusal", seen=seen)
