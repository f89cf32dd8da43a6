"""What a notifier refuses, and what does not disturb it (RFC 6665, sections 4.2.1, 4.2.3, 4.4.4, 4.5.2 and 4.6)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, lists, status_of, survived
from conformance.checks.rfc6665.live.watched import NOTIFIER, behind, made_by, of, told
from conformance.checks.rfc6665.subscriptions import event_of, subscriptions
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab.sip.value import text_at

PACKAGES, BODIES, MALFORMED = ("notifier/packages",), ("notifier/bodies",), ("notifier/malformed",)
TOLERABLE = ("bad-contact-star", "bad-expires-negative", "bad-expires-text")
"""What can be served all the same: an Expires that cannot be read may count as absent."""


@check(
    "rfc6665/s04_2_1_1/unknown-489", "A SUBSCRIBE to a package that nobody knows gets 489, which names those that are known.",
    "rfc6665:4.2.1.1/3", "rfc6665:8.3.2/0", needs="a SUBSCRIBE to nobody-knows", level="SHOULD", role=NOTIFIER, scenarios=PACKAGES,
)  # fmt: skip
def unknown_489(evidence: Evidence) -> Iterator[Ruling]:
    """The status, and Allow-Events in it."""
    for one in evidence.asked("unknown-package", "unknown-template"):
        yield answered_by(evidence, one, 489, why="an unknown package")
        if status_of(one) == 489 and one.final is not None:
            has = bool(one.final[1].values("allow-events"))
            why, expected = "which are known is not told", "Allow-Events"
            yield rule(has, one.event, one.final[0], why=why, expected=expected, seen="none", place="Allow-Events")


@check(
    "rfc6665/s04_2_3/no-event-489", "A SUBSCRIBE without Event gets 489.", "rfc6665:4.2.3/2", needs="a SUBSCRIBE without Event",
    level="SHOULD", role=NOTIFIER, scenarios=PACKAGES,
)  # fmt: skip
def no_event(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in evidence.asked("no-event"):
        yield answered_by(evidence, one, 489, why="no package is named")


BY_REFER = "refer"
"""The package whose subscriptions no SUBSCRIBE makes (RFC 3515, section 2.4.4)."""


@check(
    "rfc6665/s04_4_4/allow-events-true", "Allow-Events names every package that is served, and no other.", "rfc6665:4.4.4/1",
    "rfc6665:8.2.2/1", needs="Allow-Events in any answer, and a SUBSCRIBE to each of its packages", role=NOTIFIER, scenarios=PACKAGES,
)  # fmt: skip
def allow_events_true(evidence: Evidence) -> Iterator[Ruling]:
    """No package of the list gets 489; each that is granted is in every list."""
    listed = [
        (event, lists(message, "allow-events")) for event, message in evidence.judged if message.values("allow-events")
    ]
    for one in evidence.asked("named-package"):
        name = event_of(one.request)[0]
        first = next((event for event, names in listed if name in names), None)
        if first is not None and one.final is not None:
            good = status_of(one) != 489 or name == BY_REFER
            yield rule(good, first, one.final[0], why=f"{name} is listed", expected="no 489", seen=one.final[1].title)
        for event, names in listed if accepted(one) else ():
            why, place = "served and not listed", "Allow-Events"
            yield rule(name in names, one.event, event, why=why, expected=name, seen=sorted(names), place=place)


@check(
    "rfc6665/s04_4_4/options-allow-events", "The answer to OPTIONS names the packages that are served.", "rfc6665:4.4.4/2",
    needs="an OPTIONS with a 2xx", level="SHOULD", role=NOTIFIER, scenarios=PACKAGES,
)  # fmt: skip
def options_allow_events(evidence: Evidence) -> Iterator[Ruling]:
    """Allow-Events in the 2xx."""
    for one in evidence.asked("options"):
        if accepted(one) and one.final is not None:
            good = bool(one.final[1].values("allow-events"))
            yield rule(
                good,
                one.event,
                one.final[0],
                why="no package is named",
                expected="Allow-Events",
                seen="none",
                place="Allow-Events",
            )


@check(
    "rfc6665/s03_2/foreign-type", "Who accepts only bodies that the notifier cannot write is sent none.", "rfc6665:3.2.1/3",
    needs="a SUBSCRIBE whose Accept has a foreign type only", role=NOTIFIER, scenarios=BODIES,
)  # fmt: skip
def foreign_type(evidence: Evidence) -> Iterator[Ruling]:
    """A refusal, or NOTIFYs without a body or with one of that type."""
    for one in evidence.asked("foreign-type"):
        if one.final is None:
            continue
        if not accepted(one):
            served = any(accepted(each) for each in evidence.asked("fitting-type"))
            yield right(one.event, one.final[0]) if served else unclear(one.event, why="what fits is refused as well")
            continue
        for series in (each for each in subscriptions(evidence) if each.made_by is one):
            for each in told(series):
                kind = text_at(each.request.first("content-type"), "subtype")
                good = not each.request.body or kind == "x-nobody-writes"
                yield rule(
                    good,
                    one.event,
                    each.event,
                    why="a body nobody wants",
                    expected="none",
                    seen=kind,
                    place="Content-Type",
                )


@check(
    "rfc6665/s03_2/fitting-type", "Who accepts what the notifier can write, among other things, is sent it.", "rfc6665:3.2.1/3",
    "rfc3261:20.1/0", needs="SUBSCRIBEs whose Accept fits", role=NOTIFIER, scenarios=BODIES,
)  # fmt: skip
def fitting_type(evidence: Evidence) -> Iterator[Ruling]:
    """Granted, also with wildcards."""
    for one in evidence.asked("fitting-type"):
        if status_of(one) != 489:
            yield answered_by(evidence, one, 200, why=f"Accept: {', '.join(one.request.lines('accept'))}")


@check(
    "rfc6665/s04_5_2/not-shared", "Who does not share a dialog among subscriptions says so by 403, with a phrase of its own.",
    "rfc6665:4.5.2/5", needs="a SUBSCRIBE with another id inside a subscription, refused", level="SHOULD", role=NOTIFIER,
    scenarios=("notifier/shared",),
)  # fmt: skip
def not_shared(evidence: Evidence) -> Iterator[Ruling]:
    """Of a refusal the status and whether the phrase is more than the usual one."""
    for one in evidence.asked("second"):
        if one.final is not None and not accepted(one):
            good = status_of(one) == 403 and (one.final[1].reason or "").strip().lower() not in ("", "forbidden")
            yield rule(
                good, one.event, one.final[0], why="refused otherwise", expected="403 and why", seen=one.final[1].title
            )


@check(
    "rfc6665/s04_5_2/first-goes-on", "A second subscription in a dialog, granted or refused, leaves the first as it was.", "rfc6665:4.5.2/4",
    "rfc6665:4.4.1/0", needs="a SUBSCRIBE with another id inside a subscription", role=NOTIFIER, scenarios=("notifier/shared",),
)  # fmt: skip
def first_goes_on(evidence: Evidence) -> Iterator[Ruling]:
    """The refresh of the first is granted, and a NOTIFY with its own event follows."""
    for one in evidence.asked("refresh-first"):
        yield answered_by(evidence, one, 200, why="the first subscription is gone")
        found = of(evidence, one)
        if accepted(one) and found is not None:
            event = event_of(one.request)
            good = any(event_of(each.request) == event for each in behind(found, one.event.number))
            yield rule(good, one.event, why="not told any more", expected=f"NOTIFY of {event[0]}", seen="none")


@check(
    "rfc6665/s04_5_2/id-known",
    "Event may have an id: it names a subscription, and no other package.",
    "rfc6665:4.5.2/7",
    "rfc6665:8.2.1/0",
    needs="a SUBSCRIBE to the conference package with an id",
    role=NOTIFIER,
    scenarios=("notifier/named",),
)
def id_known(evidence: Evidence) -> Iterator[Ruling]:
    """Granted, and so is a refresh with the same id."""
    for one in evidence.asked("with-id", "refresh"):
        yield answered_by(evidence, one, 200, why="refused because of an id")


REFUSALS = (401, 403, 407, 603)
"""What tells somebody that proof is wanted, or that it will not do."""


@check(
    "rfc6665/s04_2_1_1/proof-wanted",
    "A notifier that wants proof grants nothing without it, and grants it with.",
    "rfc6665:4.2.1.1/4",
    "rfc6665:6.3/1",
    "rfc4575:3.5/101",
    needs="a notifier with credentials",
    level="SHOULD",
    role=NOTIFIER,
    scenarios=("notifier/proof",),
)
def proof_wanted(evidence: Evidence) -> Iterator[Ruling]:
    """The status without proof, with a wrong password, and with the right one."""
    for one in evidence.asked("unproved", "wrong-password"):
        yield answered_by(evidence, one, *REFUSALS, why=one.event.label)
    for one in evidence.asked("proved"):
        yield answered_by(evidence, one, 200, why="the right password")


@check(
    "rfc6665/s06_4/no-replay",
    "The proof of one SUBSCRIBE is not taken for another one.",
    "rfc6665:6.4/1",
    needs="a SUBSCRIBE with the credentials of an earlier one",
    level="SHOULD",
    role=NOTIFIER,
    scenarios=("notifier/proof",),
)
def no_replay(evidence: Evidence) -> Iterator[Ruling]:
    """Challenged again."""
    for one in evidence.asked("replayed"):
        yield answered_by(evidence, one, *REFUSALS, why="an old proof")


@check(
    "rfc6665/s04_2_1/stray-481", "A SUBSCRIBE inside a dialog that is not known gets 481.", "rfc3261:12.2.2/2", "rfc6665:4.4.1/0",
    needs="a SUBSCRIBE with a To tag of nobody's", role=NOTIFIER, scenarios=("notifier/stray",),
)  # fmt: skip
def stray_481(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in evidence.asked("stray"):
        yield answered_by(evidence, one, 481, why="a dialog that is not known")


@check(
    "rfc6665/s04_6/cancel-without-effect", "A CANCEL for a SUBSCRIBE is answered, and does nothing.", "rfc6665:4.6/1", "rfc6665:4.6/2",
    needs="a CANCEL for a SUBSCRIBE", role=NOTIFIER, scenarios=("notifier/cancelled",),
)  # fmt: skip
def cancel_without_effect(evidence: Evidence) -> Iterator[Ruling]:
    """The CANCEL has a final response; the SUBSCRIBE is granted, and so is its refresh."""
    for one in evidence.asked("cancel"):
        if one.final is None:
            alive = any(status_of(each) for each in evidence.asked("refresh"))
            yield (wrong(one.event, why="no answer", expected="200 or 481", seen="no answer") if alive else
                   unclear(one.event, why="nothing is answered"))  # fmt: skip
        else:
            yield rule(
                status_of(one) in (200, 481),
                one.event,
                one.final[0],
                why="odd",
                expected="200 or 481",
                seen=status_of(one),
            )
    for one in evidence.asked("subscribe", "refresh"):
        yield answered_by(evidence, one, 200, why="cancelled")


@check(
    "rfc6665/s04_4_1/goes-on", "What does not belong into a subscription does not end it.", "rfc6665:4.4.1/0", "rfc3261:12.2.2/7",
    needs="a NOTIFY and an unknown method towards the notifier", role=NOTIFIER, scenarios=("notifier/strangers",),
)  # fmt: skip
def goes_on(evidence: Evidence) -> Iterator[Ruling]:
    """Both are refused; the next change is told, and the end is granted."""
    for one in evidence.asked("stray-notify", "unknown-method"):
        if one.final is not None:
            yield rule(
                status_of(one) >= 400, one.event, one.final[0], why="served", expected="a refusal", seen=status_of(one)
            )
    for made in made_by(evidence, "subscribe"):
        late = [each for each in told(made)[1:] if each.event.time > made.accepted[0].time + 5.0]
        if evidence.play is not None and evidence.play.complete:
            yield rule(bool(late), made.made_by.event, why="no change is told any more", expected="NOTIFY", seen="none")
    for one in evidence.asked("unsubscribe"):
        yield answered_by(evidence, one, 200, why="gone")


@check(
    "rfc6665/s04_2_1_1/malformed-refused", "A SUBSCRIBE that breaks its grammar, or lacks what it needs, is not granted.", "rfc6665:8.4/0",
    "rfc3261:8.1.1.8/1", "rfc3261:21.4/0", needs="malformed SUBSCRIBEs", level="SHOULD", role=NOTIFIER, scenarios=MALFORMED,
)  # fmt: skip
def malformed_refused(evidence: Evidence) -> Iterator[Ruling]:
    """A refusal, or silence; an Expires that cannot be read may count as absent."""
    for one in evidence.transactions:
        name = one.event.label
        if not name.startswith("bad-") or name in TOLERABLE:
            continue
        if one.final is not None:
            why, expected = f"{name.partition('-')[2]}: granted", "a refusal"
            yield rule(
                status_of(one) >= 300, one.event, one.final[0], why=why, expected=expected, seen=one.final[1].title
            )
        elif evidence.alive_after(one.event):
            yield right(one.event, why="passed over in silence")


@check(
    "rfc6665/s04_2_1_1/survives-malformed", "Whatever a SUBSCRIBE looks like, the next good request is answered.", "rfc3261:7/0",
    "rfc6665:8.4/0", needs="malformed SUBSCRIBEs, each followed by a sane exchange", role=NOTIFIER, scenarios=MALFORMED,
)  # fmt: skip
def survives(evidence: Evidence) -> Iterator[Ruling]:
    """The probe behind each, and the sound subscription at the end."""
    yield from survived(evidence, "bad-")
    for one in evidence.asked("subscribe"):
        if status_of(one) != 489:
            yield answered_by(evidence, one, 200, why="a sound SUBSCRIBE behind them")
