"""REFER to a conference (RFC 3515, section 2.4; RFC 4579, sections 5.2, 5.5 and 5.11, from memory)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, status_of
from conformance.checks.rfc4579.seen import FOCUS
from conformance.checks.rfc6665.live.watched import ended, remaining, told
from conformance.checks.rfc6665.subscriptions import Subscription, subscriptions
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.transactions import Transaction
from conformance.lab.sip import Message

FOLLOWED = ("focus/dial-out", "focus/dial-out-refused", "focus/refer-inside", "focus/refer-unsubscribed")
WRONG, SUBSCRIBED = ("focus/refer-wrong",), ("focus/refer-subscribe",)


def by_refer(evidence: Evidence, *labels: str) -> Iterator[Subscription]:
    """The subscriptions that REFERs of these labels made."""
    return (one for one in subscriptions(evidence) if one.by_refer and one.made_by.event.label in labels)


def fragment(message: Message) -> int:
    """The status that a body of type message/sipfrag tells; 0 where none."""
    words = message.body.split(b" ", 2)
    return int(words[1][:3]) if len(words) > 1 and words[0].upper() == b"SIP/2.0" and words[1][:3].isdigit() else 0


def invited(evidence: Evidence, refer: Transaction) -> Transaction | None:
    """The INVITE of the subject to whom a REFER names."""
    wanted = refer.request.lines("refer-to")[0].strip("<>")
    return next((one for one in evidence.transactions if one.method == "INVITE" and one.event.direction == "sent" and one.initial
                 and one.event.number > refer.event.number and one.request.request_uri == wanted), None)  # fmt: skip


@check(
    "rfc4579/s05_5/invited", "A REFER to the conference makes the focus invite whom it names.", "rfc4579:5.5/101", "rfc4579:4.3/103",
    "rfc3515:2.4.2/2", needs="a REFER to a conference, of one who is in", level="SHOULD", role=FOCUS, scenarios=FOLLOWED,
)  # fmt: skip
def invited_(evidence: Evidence) -> Iterator[Ruling]:
    """2xx, and an INVITE with an offer to the URI of Refer-To."""
    for one in evidence.asked("refer"):
        yield answered_by(evidence, one, 200, 202, why="not followed")
        if not accepted(one) or one.final is None:
            continue
        found = invited(evidence, one)
        if found is None:
            yield wrong(one.event, one.final[0], why="nobody is invited", expected="INVITE", seen="nothing")
        else:
            yield right(one.event, found.event)


@check(
    "rfc4579/s05_5/progress", "Who asked is told how it went, to the end.", "rfc4579:5.5/102", "rfc3515:2.4.4/1", "rfc3515:2.4.7/1",
    needs="a REFER to a conference that was followed, and an answer of the one who was called", level="SHOULD", role=FOCUS,
    scenarios=("focus/dial-out", "focus/dial-out-refused", "focus/refer-inside"),
)  # fmt: skip
def progress(evidence: Evidence) -> Iterator[Ruling]:
    """A NOTIFY at once, and a last one that tells the final status of the INVITE and ends the subscription."""
    for one in by_refer(evidence, "refer"):
        found, called = told(one), invited(evidence, one.made_by)
        if called is None or called.final is None:
            continue
        wanted = called.final[1].status
        if not found:
            yield wrong(one.made_by.event, called.final[0], why="nothing is told", expected="NOTIFY", seen="none")
            continue
        last = found[-1]
        good = ended(last.request) and fragment(last.request) == wanted
        seen = f"{last.request.body[:40]!r} {last.request.lines('subscription-state')}"
        yield rule(good, called.final[0], last.event, why="another end", expected=f"{wanted}, terminated", seen=seen)
        good, seen_first = (
            fragment(found[0].request) in range(100, 200) or len(found) == 1,
            f"{found[0].request.body[:40]!r}",
        )
        yield rule(
            good,
            one.made_by.event,
            found[0].event,
            why="not told at once",
            expected="a provisional status",
            seen=seen_first,
        )


@check(
    "rfc4579/s05_5/referred-by", "Who is invited by REFER is told who asked for it, where the REFER said so.", "rfc4579:5.5/101",
    "rfc3515:2.4.2/2", needs="a REFER with Referred-By that was followed", level="SHOULD", role=FOCUS, scenarios=("focus/dial-out",),
)  # fmt: skip
def referred_by(evidence: Evidence) -> Iterator[Ruling]:
    """Referred-By of the INVITE (RFC 3892, section 2.2)."""
    for one in evidence.asked("refer"):
        found = invited(evidence, one)
        wanted = one.request.lines("referred-by")
        if found is not None and wanted:
            seen = found.request.lines("referred-by")
            good = bool(seen) and wanted[0].strip("<>") in seen[0]
            yield rule(
                good, one.event, found.event, why="not passed on", expected=wanted[0], seen=seen, place="Referred-By"
            )


@check(
    "rfc4579/s05_11/removed", "A REFER with the method BYE makes the focus end the call of whom it names.", "rfc4579:5.11/101",
    needs="a REFER with method=BYE to a conference", level="SHOULD", role=FOCUS, scenarios=("focus/remove",),
)  # fmt: skip
def removed(evidence: Evidence) -> Iterator[Ruling]:
    """BYE to that participant and to nobody else; who asked is told 200."""
    for one in evidence.asked("remove"):
        yield answered_by(evidence, one, 200, 202, why="not followed")
        if not accepted(one):
            continue
        byes = [each for each in evidence.transactions if each.method == "BYE" and each.event.direction == "sent"]
        good = len(byes) == 1 and "second@" in byes[0].request.request_uri
        seen = [each.request.title for each in byes]
        yield rule(
            good,
            one.event,
            *(each.event for each in byes[:1]),
            why="another BYE",
            expected="BYE to the second",
            seen=seen,
        )
    for made in by_refer(evidence, "remove"):
        last = told(made)[-1] if told(made) else None
        if last is not None:
            good, seen_body = ended(last.request) and fragment(last.request) == 200, f"{last.request.body[:40]!r}"
            yield rule(good, made.made_by.event, last.event, why="not told", expected="200, terminated", seen=seen_body)


@check(
    "rfc4579/s05_11/nobody", "A REFER that removes somebody who does not take part is refused, or reported as failed.", "rfc4579:5.11/101",
    needs="a REFER with method=BYE for a stranger", level="SHOULD", role=FOCUS, scenarios=("focus/remove-nobody",),
)  # fmt: skip
def remove_nobody(evidence: Evidence) -> Iterator[Ruling]:
    """A refusal, or a last NOTIFY with a failure."""
    for one in evidence.asked("remove-nobody"):
        if one.final is not None and not accepted(one):
            yield rule(
                status_of(one) >= 400, one.event, one.final[0], why="odd", expected="a refusal", seen=one.final[1].title
            )
    for made in by_refer(evidence, "remove-nobody"):
        last = told(made)[-1] if told(made) else None
        if last is not None:
            good, seen = fragment(last.request) >= 300 and ended(last.request), f"{last.request.body[:40]!r}"
            yield rule(
                good, made.made_by.event, last.event, why="as if done", expected="a failure, terminated", seen=seen
            )


@check(
    "rfc3515/s02_4_2/conference-bad-target", "A REFER to a conference without Refer-To, or with two, gets 400.", "rfc3515:2.4.2/4",
    needs="such REFERs", role=FOCUS, scenarios=WRONG,
)  # fmt: skip
def bad_target(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in evidence.asked("no-target", "two-targets"):
        yield answered_by(evidence, one, 400, why=one.event.label)


@check(
    "rfc3515/s02_4_2/conference-not-followed", "What a focus cannot follow it does not accept: a web page, a conference that is not there.",
    "rfc3515:2.4.2/6", "rfc3515:2.4.2/5", needs="a REFER to a web page, a REFER to no conference", level="SHOULD", role=FOCUS,
    scenarios=WRONG,
)  # fmt: skip
def not_followed(evidence: Evidence) -> Iterator[Ruling]:
    """A refusal."""
    for one in evidence.asked("refer-http", "refer-nowhere"):
        if one.final is not None:
            good = status_of(one) >= 300
            yield rule(
                good, one.event, one.final[0], why=one.event.label, expected="a refusal", seen=one.final[1].title
            )


@check(
    "rfc3515/s02_4_2/not-into-itself", "A conference that is invited into itself does not call itself for ever.", "rfc3515:2.4.2/5",
    "rfc4579:5/0", needs="a REFER to a conference whose target is the conference", level="SHOULD", role=FOCUS, scenarios=WRONG,
)  # fmt: skip
def not_into_itself(evidence: Evidence) -> Iterator[Ruling]:
    """Refused, or the subject alive behind it."""
    for one in evidence.asked("refer-to-itself"):
        if one.final is not None and not accepted(one):
            yield right(one.event, one.final[0])
        elif evidence.alive_after(one.event) is not None:
            good = bool(evidence.alive_after(one.event))
            yield rule(good, one.event, why="not alive", expected="an answer to the next request", seen="none")


@check(
    "rfc3515/s02_4_4/conference-subscribe-403", "SUBSCRIBE for the event refer outside of such a subscription gets 403.", "rfc3515:2.4.4/6",
    needs="such a SUBSCRIBE to a focus", role=FOCUS, scenarios=SUBSCRIBED,
)  # fmt: skip
def subscribe_403(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in evidence.asked("subscribe-refer"):
        yield answered_by(evidence, one, 403, why="event refer")


@check(
    "rfc3515/s02_4_4/goes-on-unheard", "Who ends the subscription of its REFER does not take back the call.", "rfc3515:2.4.4/5",
    needs="a subscription of a REFER that is ended while the one called rings", level="SHOULD", role=FOCUS,
    scenarios=("focus/refer-unsubscribed",),
)  # fmt: skip
def goes_on_unheard(evidence: Evidence) -> Iterator[Ruling]:
    """No CANCEL behind it; the INVITE is answered with 200 and acknowledged."""
    for one in evidence.asked("unsubscribe-refer"):
        yield answered_by(evidence, one, 200, why="the end is refused")
        cancels = [each for each in evidence.transactions if each.method == "CANCEL" and each.event.direction == "sent"]
        if cancels:
            yield wrong(
                one.event, cancels[0].event, why="taken back", expected="no CANCEL", seen=cancels[0].request.title
            )
        elif evidence.play is not None and evidence.play.complete:
            yield right(one.event)


@check(
    "rfc3515/s03_4/long-enough", "The subscription that a REFER makes lasts longer than the INVITE rings.", "rfc3515:3.4/1",
    needs="a NOTIFY of a REFER that was followed, and an INVITE with Expires", level="SHOULD", role=FOCUS, scenarios=FOLLOWED,
)  # fmt: skip
def long_enough(evidence: Evidence) -> Iterator[Ruling]:
    """Expires of the first NOTIFY against Expires of the INVITE; 64*T1 where it has none."""
    for one in by_refer(evidence, "refer"):
        called, found = invited(evidence, one.made_by), told(one)
        left = remaining(found[0].request) if found else None
        if called is None or left is None:
            continue
        limit = called.request.first("expires")
        least = limit if isinstance(limit, int) else 32
        expected, place = f"more than {least}", "Subscription-State"
        yield rule(
            left > least, called.event, found[0].event, why="too short", expected=expected, seen=left, place=place
        )


@check(
    "rfc4579/s05_5/given-up", "Who does not answer is given up, and who asked is told so.", "rfc4579:5.5/102", "rfc3515:2.4.7/1",
    needs="a REFER to somebody who never answers", level="SHOULD", role=FOCUS, scenarios=("focus/dial-out-unheard",),
)  # fmt: skip
def given_up(evidence: Evidence) -> Iterator[Ruling]:
    """A last NOTIFY with a failure, when Timer B has passed."""
    for one in by_refer(evidence, "refer"):
        found, called = told(one), invited(evidence, one.made_by)
        if called is None or not found:
            continue
        last = found[-1]
        good = ended(last.request) and fragment(last.request) in (408, 503, 504, 480, 487)
        seen, expected = f"{last.request.body[:40]!r} {last.request.lines('subscription-state')}", "408, terminated"
        yield rule(good, called.event, last.event, why="not told", expected=expected, seen=seen)
