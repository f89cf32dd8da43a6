"""What a subscriber makes of answers and NOTIFYs (RFC 6665, section 4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, told
from conformance.checks.rfc6665.subscriptions import event_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.transactions import Transaction
from conformance.lab.sip.value import text_at

SUBSCRIBER = "subscriber"
COURSE = ("user-agent/subscribes",)
BY_GRUU = ("user-agent/refer-by-gruu",)
ENDS = ("user-agent/subscription-rejected", "user-agent/subscription-gone")


def _behind(evidence: Evidence, one: Transaction, *, inside: bool) -> list[Transaction]:
    """The subject's SUBSCRIBEs behind the answer to a NOTIFY, in its dialog or outside of any."""
    done = one.final[0].number if one.final else one.event.number
    return [each for each in told(evidence, "SUBSCRIBE") if each.event.number > done and each.initial is not inside]


@check(
    "rfc6665/s04_1_2/refreshed", "A subscription is refreshed in its dialog before its time is over.", "rfc6665:4.1.2.2/0",
    "rfc6665:4.4.1/0", needs="a subscription of the subject that is granted for a minute", role=SUBSCRIBER, scenarios=COURSE,
)  # fmt: skip
def refreshed(evidence: Evidence) -> Iterator[Ruling]:
    """The second SUBSCRIBE: both tags, and at most 60 seconds behind the first 2xx."""
    first, *others = [*told(evidence, "SUBSCRIBE"), None]
    if first is None or first.final is None:
        return
    again = others[0]
    if again is None or again.event.time - first.final[0].time > 60:
        yield wrong(first.final[0], why="it runs out", expected="SUBSCRIBE within 60 s", seen="none")
        return
    good = again.request.call_id == first.request.call_id and again.request.to_tag == first.final[1].to_tag
    yield rule(
        good, first.event, again.event, why="not in its dialog", expected="the same dialog", seen=again.request.title
    )


@check(
    "rfc6665/s04_1_2/ended", "A subscription is ended by a SUBSCRIBE with Expires: 0 in its dialog.", "rfc6665:4.1.2.3/0",
    needs="a subject that is told to end its subscription", role=SUBSCRIBER, scenarios=COURSE,
)  # fmt: skip
def ended(evidence: Evidence) -> Iterator[Ruling]:
    """The last SUBSCRIBE that it sends."""
    series = list(told(evidence, "SUBSCRIBE"))
    if len(series) > 1:
        last = series[-1]
        good = last.request.lines("expires") == ["0"] and last.request.to_tag is not None
        seen = f"Expires: {', '.join(last.request.lines('expires'))}"
        yield rule(good, last.event, why="it is not ended", expected="Expires: 0", seen=seen, place="Expires")


@check(
    "rfc6665/s04_1_2/notify-first", "A NOTIFY may overtake the answer to its SUBSCRIBE.", "rfc6665:4.1.2.4/3",
    needs="a NOTIFY ahead of the 2xx", role=SUBSCRIBER, scenarios=("user-agent/subscribes-early",),
)  # fmt: skip
def notify_first(evidence: Evidence) -> Iterator[Ruling]:
    """The answer to the NOTIFYs, before and behind the 2xx."""
    for one in evidence.asked("notice"):
        yield answered_by(evidence, one, 200, why="a NOTIFY that came early")


@check(
    "rfc6665/s04_1_3/expires-rules", "The time that a NOTIFY says takes the place of the one that was granted.", "rfc6665:4.1.3/4",
    needs="a NOTIFY with a shorter expires than the 2xx", level="SHOULD", role=SUBSCRIBER, scenarios=("user-agent/subscribes-shortened",),
)  # fmt: skip
def expires_rules(evidence: Evidence) -> Iterator[Ruling]:
    """A refresh within the 20 seconds that were left."""
    for one in evidence.asked("shortened"):
        later = _behind(evidence, one, inside=True)
        good = bool(later) and later[0].event.time - one.event.time <= 20
        yield rule(
            good, one.event, why="the time of the NOTIFY is passed over", expected="a refresh within 20 s", seen="none"
        )


@check(
    "rfc6665/s04_4_1/fork-answered", "A NOTIFY of another notifier than the first is answered: by 200 where a second subscription is kept, by 481 where not.",
    "rfc6665:4.1.4/1", needs="a NOTIFY with another From tag than the tag of the 2xx", role=SUBSCRIBER,
    scenarios=("user-agent/subscribes-forked",),
)  # fmt: skip
def fork_answered(evidence: Evidence) -> Iterator[Ruling]:
    """The status of the fork's NOTIFY; the first subscription goes on in either case."""
    for one in evidence.asked("fork"):
        yield answered_by(evidence, one, 200, 481, why="a NOTIFY of another notifier")
    for one in evidence.asked("notice"):
        yield answered_by(evidence, one, 200, why="the subscription at hand")


@check(
    "rfc6665/s04_1_3/unknown-481", "A NOTIFY that belongs to no subscription of the subject gets 481.", "rfc6665:4.1.3/1",
    needs="NOTIFYs of other calls and other packages", role=SUBSCRIBER, scenarios=("user-agent/subscribes-stray",),
)  # fmt: skip
def unknown_481(evidence: Evidence) -> Iterator[Ruling]:
    """481; for another package 489 says as much."""
    for one in evidence.asked("stray"):
        yield answered_by(evidence, one, 481, why="a NOTIFY of nobody's subscription")
    for one in evidence.asked("other-package"):
        yield answered_by(evidence, one, 481, 489, why="a NOTIFY of another package")


@check(
    "rfc6665/s04_1_2/late-481", "A NOTIFY that would make a subscription after Timer N gets 481.", "rfc6665:4.1.2.4/1",
    needs="a NOTIFY of a new dialog more than 64*T1 behind the SUBSCRIBE", level="SHOULD", role=SUBSCRIBER,
    scenarios=("user-agent/subscribes-stray", "user-agent/subscribes-without-notice"),
)  # fmt: skip
def late_481(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for label in ("late-fork", "too-late"):
        for one in evidence.asked(label):
            yield answered_by(evidence, one, 481, why="a NOTIFY behind Timer N")


@check(
    "rfc6665/s04_1_3/terminated-is-the-end", "With a NOTIFY that says terminated a subscription is over: one behind it gets 481.",
    "rfc6665:4.1.3/6", needs="a NOTIFY that is terminated, and another", role=SUBSCRIBER,
    scenarios=(*ENDS, "user-agent/subscription-deactivated", "user-agent/subscription-postponed"),
)  # fmt: skip
def terminated_is_the_end(evidence: Evidence) -> Iterator[Ruling]:
    """The answers to both."""
    for one in evidence.asked("ended"):
        yield answered_by(evidence, one, 200, why="the last NOTIFY")
    for one in evidence.asked("behind-end"):
        yield answered_by(evidence, one, 481, why="a NOTIFY behind the end")


@check(
    "rfc6665/s04_1_3/deactivated", "After reason=deactivated a new subscription is tried at once.", "rfc6665:4.1.3/9",
    needs="a NOTIFY with that reason", level="SHOULD", role=SUBSCRIBER, scenarios=("user-agent/subscription-deactivated",),
)  # fmt: skip
def deactivated(evidence: Evidence) -> Iterator[Ruling]:
    """A SUBSCRIBE outside of dialogs within two seconds."""
    for one in evidence.asked("ended"):
        later = _behind(evidence, one, inside=False)
        good = bool(later) and later[0].event.time - one.event.time <= 2
        yield rule(good, one.event, why="not tried again", expected="SUBSCRIBE", seen="nothing")


@check(
    "rfc6665/s04_1_3/not-again", "After reason=rejected or noresource no new subscription is tried.", "rfc6665:4.1.3/12",
    "rfc6665:4.1.3/15", needs="a NOTIFY with that reason", level="SHOULD", role=SUBSCRIBER, scenarios=ENDS,
)  # fmt: skip
def not_again(evidence: Evidence) -> Iterator[Ruling]:
    """No SUBSCRIBE behind it."""
    for one in evidence.asked("ended"):
        later = _behind(evidence, one, inside=False)
        if later:
            yield wrong(one.event, later[0].event, why="tried again", expected="nothing", seen=later[0].request.title)
        elif evidence.alive_after(one.event):
            yield right(one.event)


@check(
    "rfc6665/s04_1_3/retry-after", "After reason=probation a new subscription waits as long as retry-after says.", "rfc6665:4.1.3/11",
    needs="a NOTIFY with probation and retry-after=20", level="SHOULD", role=SUBSCRIBER, scenarios=("user-agent/subscription-postponed",),
)  # fmt: skip
def retry_after(evidence: Evidence) -> Iterator[Ruling]:
    """No SUBSCRIBE within 20 seconds, from a subject that is still there behind them."""
    for one in evidence.asked("ended"):
        later = _behind(evidence, one, inside=False)
        if later:
            gap = later[0].event.time - one.event.time
            yield rule(gap >= 19.9, one.event, why="tried too early", expected="20 s later", seen=f"{gap:.1f} s")
        elif evidence.alive_after(one.event):
            yield right(one.event)


@check(
    "rfc6665/s04_1_2/refused-refresh-ends", "481 to a refresh is the end of the subscription.", "rfc6665:4.1.2.2/1",
    needs="a 481 to the subject's refresh, and a NOTIFY behind it", role=SUBSCRIBER, scenarios=("user-agent/refresh-refused",),
)  # fmt: skip
def refused_refresh_ends(evidence: Evidence) -> Iterator[Ruling]:
    """The status of a NOTIFY behind it."""
    for one in evidence.asked("too-late"):
        yield answered_by(evidence, one, 481, why="the subscription goes on")


@check(
    "rfc6665/s04_1_2/failed-refresh-stands", "A refresh that fails for other reasons leaves the subscription for the time it has left.",
    "rfc6665:4.1.2.2/0", needs="a 500 to the subject's refresh, and a NOTIFY behind it", role=SUBSCRIBER,
    scenarios=("user-agent/refresh-failed",),
)  # fmt: skip
def failed_refresh_stands(evidence: Evidence) -> Iterator[Ruling]:
    """The status of a NOTIFY behind it."""
    for one in evidence.asked("still-there"):
        yield answered_by(evidence, one, 200, why="the subscription is given up")


@check(
    "rfc6665/s03_1_3/accept-told", "A SUBSCRIBE for conference information accepts its type, or says nothing.", "rfc6665:3.1.3/1",
    needs="a SUBSCRIBE of the subject", role=SUBSCRIBER, scenarios=COURSE,
)  # fmt: skip
def accept_told(evidence: Evidence) -> Iterator[Ruling]:
    """Accept of the SUBSCRIBE."""
    for one in told(evidence, "SUBSCRIBE"):
        lines = ", ".join(one.request.lines("accept"))
        good = not lines or "application/conference-info+xml" in lines or "*/*" in lines
        why, expected = "the package's own type is not accepted", "application/conference-info+xml"
        yield rule(good, one.event, why=why, expected=expected, seen=lines, place="Accept")


def _declined(one: Transaction) -> bool:
    return one.final is not None and not accepted(one)


@check(
    "rfc3515/s02_4_4/declined-no-subscription", "Who declined a REFER has no subscription with its sender: a NOTIFY of it gets 481.",
    "rfc3515:2.4.4/1", "rfc6665:4.1.3/1", needs="a NOTIFY behind a REFER of the subject that was declined", role="refer-agent",
    scenarios=("user-agent/refers-in-vain",),
)  # fmt: skip
def declined_no_subscription(evidence: Evidence) -> Iterator[Ruling]:
    """The status of the NOTIFY."""
    if any(_declined(one) for one in told(evidence, "REFER")):
        for one in evidence.asked("unwanted"):
            yield answered_by(evidence, one, 481, why="a NOTIFY that nobody asked for")


@check(
    "rfc3515/s02_4_4/progress-taken", "Who sent a REFER takes the NOTIFYs that tell how it goes.", "rfc3515:2.4.4/1", "rfc6665:4.1.3/17",
    needs="NOTIFYs behind the 202 to the subject's REFER", role="refer-agent", scenarios=("user-agent/refers-outside",),
)  # fmt: skip
def progress_taken(evidence: Evidence) -> Iterator[Ruling]:
    """The answers."""
    for one in evidence.asked("progress"):
        yield answered_by(evidence, one, 200, why="a NOTIFY about its REFER")


@check(
    "rfc3515/s02_4_1/names-target", "The Refer-To of a REFER names whom its user wants to refer to.", "rfc3515:2.4.1/1",
    needs="a REFER of the subject", role="refer-agent", scenarios=("user-agent/refers-outside",),
)  # fmt: skip
def names_target(evidence: Evidence) -> Iterator[Ruling]:
    """The URI that the subject was told."""
    for one in told(evidence, "REFER"):
        seen = text_at(one.request.first("refer-to"), "uri", "user") or ""
        yield rule(seen == "carol", one.event, why="another target", expected="carol", seen=seen, place="Refer-To")


@check(
    "rfc6665/s04_5_2/same-id", "A refresh has the id of the SUBSCRIBE that made the subscription.", "rfc6665:4.5.2/8",
    needs="a subject told to refresh its subscription", role=SUBSCRIBER, scenarios=("user-agent/refreshes",),
)  # fmt: skip
def same_id(evidence: Evidence) -> Iterator[Ruling]:
    """Event of its SUBSCRIBEs; none is an id as well."""
    series = list(told(evidence, "SUBSCRIBE"))
    for one in series[1:]:
        wanted, got = event_of(series[0].request)[1], event_of(one.request)[1]
        seen = got or "no id"
        yield rule(wanted == got, series[0].event, one.event, why="another id", expected=wanted or "no id", seen=seen)


@check(
    "rfc6665/s04_5_2/beside-gruu", "A dialog whose other side is reached by a GRUU is not reused.", "rfc6665:4.5.2/1",
    needs="a subject told to refer a peer whose Contact is a GRUU, within their call", role=SUBSCRIBER,
    scenarios=("user-agent/refers-beside",),
)  # fmt: skip
def beside_gruu(evidence: Evidence) -> Iterator[Ruling]:
    """A REFER with a dialog of its own, to that URI."""
    for one in told(evidence, "REFER", "SUBSCRIBE"):
        seen = "the dialog of the call" if one.request.to_tag else one.request.request_uri or ""
        good = one.request.to_tag is None and ";gr" in (one.request.request_uri or "")
        yield rule(good, one.event, why="a dialog is shared", expected="a dialog of its own, to the GRUU", seen=seen)


@check(
    "rfc6665/s04_5_1/gruu-wanted", "Who notifies asks its registrar for a GRUU.", "rfc6665:4.5.1/1a",
    needs="a subject told to register as a device", role="notifier", scenarios=BY_GRUU,
)  # fmt: skip
def gruu_wanted(evidence: Evidence) -> Iterator[Ruling]:
    """Supported with gruu, and +sip.instance in Contact (RFC 5627, section 4.1; from memory)."""
    for one in told(evidence, "REGISTER"):
        lacking = [] if "gruu" in ",".join(one.request.lines("supported")).lower() else ["Supported: gruu"]
        lacking += [] if "+sip.instance" in ",".join(one.request.lines("contact")).lower() else ["+sip.instance"]
        seen = f"no {' and no '.join(lacking)}" if lacking else "both"
        yield rule(not lacking, one.event, why="no GRUU is asked for", expected="both", seen=seen)


@check(
    "rfc6665/s04_5_1/gruu-as-target", "The Contact of a notifier is the GRUU that it was given.", "rfc6665:4.5.1/1b",
    needs="a subject with a GRUU that accepts REFER", role="notifier", scenarios=BY_GRUU,
)  # fmt: skip
def gruu_as_target(evidence: Evidence) -> Iterator[Ruling]:
    """Contact of the 2xx to REFER and of each NOTIFY."""
    if not any(
        "pub-gruu" in ",".join(one.final[1].lines("contact")) for one in told(evidence, "REGISTER") if one.final
    ):
        return
    answers = [one.final for one in evidence.asked("refer") if one.final is not None and accepted(one)]
    for event, message in [*answers, *((one.event, one.request) for one in told(evidence, "NOTIFY"))]:
        seen = ", ".join(message.lines("contact"))
        yield rule(";gr=" in seen, event, why="another Contact", expected="a URI with gr", seen=seen, place="Contact")
