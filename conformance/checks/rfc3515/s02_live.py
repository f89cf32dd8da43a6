"""What a recipient of REFER does (RFC 3515, section 2.4; RFC 3261, section 19.1.5)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, told
from conformance.checks.rfc6665.subscriptions import event_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.transactions import Transaction
from conformance.lab.sip.value import text_at

SERVER, CLIENT = "user-agent-server", "user-agent-client"
PARTS = ("user-agent/refer-with-parts",)
UNSAFE = ("Call-ID", "Via", "Route")


def referred(evidence: Evidence, *labels: str) -> Iterator[tuple[Transaction, Transaction]]:
    """Every REFER that was accepted, with the first request of the subject to its target."""
    for refer in evidence.asked(*labels):
        if accepted(refer):
            found = [one for one in told(evidence) if one.initial and one.event.number > refer.event.number]
            if found:
                yield refer, found[0]


@check(
    "rfc3515/s02_4_2/followed", "Who accepts a REFER sends a request to the URI of Refer-To.", "rfc3515:2.4.2/2",
    needs="a REFER that the subject accepts", role=SERVER, scenarios=("user-agent/refer-inside", "user-agent/refer-outside"),
)  # fmt: skip
def followed(evidence: Evidence) -> Iterator[Ruling]:
    """A request outside of dialogs behind the REFER, to that URI."""
    found = {id(refer): request for refer, request in referred(evidence, "refer")}
    for refer in evidence.asked("refer"):
        if not accepted(refer) or refer.final is None:
            continue
        request = found.get(id(refer))
        if request is None:
            yield wrong(
                refer.event, refer.final[0], why="accepted and not followed", expected="a request", seen="nothing"
            )
        else:
            wanted = refer.request.lines("refer-to")[0].partition("<")[2].partition(">")[0]
            user = wanted.partition("@")[0]
            good = request.request.request_uri.startswith(user)
            seen = request.request.request_uri
            yield rule(good, refer.event, request.event, why="another target", expected=wanted, seen=seen)


@check(
    "rfc3515/s02_4_2/other-scheme", "Who cannot open URIs of another scheme does not accept a REFER to one.", "rfc3515:2.4.2/6",
    needs="a REFER to an http URI", level="SHOULD", role=SERVER, scenarios=("user-agent/refer-other-scheme",),
)  # fmt: skip
def other_scheme(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in evidence.asked("refer-http"):
        if one.final is not None:
            why, seen = "accepted though it cannot be opened", one.final[1].title
            yield rule(not accepted(one), one.event, one.final[0], why=why, expected="a refusal", seen=seen)


@check(
    "rfc3515/s02_4_4/subscribe-403", "SUBSCRIBE for the event refer outside of such a subscription gets 403.", "rfc3515:2.4.4/6",
    needs="such a SUBSCRIBE to a subject that knows REFER", role=SERVER, scenarios=("user-agent/subscribe-refer",),
)  # fmt: skip
def subscribe_403(evidence: Evidence) -> Iterator[Ruling]:
    """The status, where the subject supports SUBSCRIBE at all."""
    for one in evidence.asked("subscribe-refer"):
        if one.final is not None and one.final[1].status not in (405, 501):
            yield answered_by(evidence, one, 403, why="subscribed without a REFER")


@check(
    "rfc6665/s04_1_3/stray-notify-481", "A NOTIFY that belongs to no subscription is refused with 481.", "rfc6665:4.1.3/1",
    needs="such a NOTIFY to a subject that knows the method", role="subscriber", scenarios=("user-agent/subscribe-refer",),
)  # fmt: skip
def stray_notify(evidence: Evidence) -> Iterator[Ruling]:
    """The status, where the subject knows NOTIFY; another refusal may fit better."""
    for one in evidence.asked("stray-notify"):
        if one.final is not None and one.final[1].status not in (405, 501):
            why, seen = "a notification that nobody asked for is taken", one.final[1].title
            yield rule(not accepted(one), one.event, one.final[0], why=why, expected="481", seen=seen)


@check(
    "rfc3261/s19_1_5/unknown-kept", "Parameters, also those that nobody knows, are kept in the Request-URI that is formed from a URI.",
    "rfc3261:19.1.5/4", "rfc3261:19.1.5/1", needs="a REFER to a URI with an unknown parameter, which is followed", role=CLIENT, scenarios=PARTS,
)  # fmt: skip
def unknown_kept(evidence: Evidence) -> Iterator[Ruling]:
    """The parameter in the Request-URI, and no header part."""
    for refer, one in referred(evidence, "refer-parts"):
        uri = one.request.request_uri
        good = "keep=me" in uri and "user=ip" in uri and "?" not in uri
        why, expected = "the URI is not taken over", "user=ip and keep=me, and no header part"
        yield rule(good, refer.event, one.event, why=why, expected=expected, seen=uri, place="Request-URI")


@check(
    "rfc3261/s19_1_5/unsafe-not-taken", "Headers that decide about the way of a request are not taken from a URI.", "rfc3261:19.1.5/6",
    "rfc3261:19.1.5/7", needs="a REFER to a URI that wants to set Via, Call-ID and Route, which is followed", level="SHOULD",
    role=CLIENT, scenarios=PARTS,
)  # fmt: skip
def unsafe_not_taken(evidence: Evidence) -> Iterator[Ruling]:
    """None of the three has the value from the URI."""
    for refer, one in referred(evidence, "refer-parts"):
        text = "".join(line for name in UNSAFE for line in one.request.lines(name.lower()))
        via = one.request.first("via")
        good = "192.0.2.66" not in text and "chosen-by-uri" not in text and text_at(via, "host") != "192.0.2.66"
        why, expected = "taken from the URI", "none of Via, Call-ID, Route from the URI"
        yield rule(good, refer.event, one.event, why=why, expected=expected, seen=text)


@check(
    "rfc3891/s06/replaces-followed", "The Replaces in a Refer-To stands in the INVITE that follows, unescaped.", "rfc3891:6/0",
    "rfc3261:19.1.5/5", needs="a REFER to a URI with Replaces, followed by who knows the extension", level="SHOULD", role=CLIENT,
    scenarios=("user-agent/refer-replaces",),
)  # fmt: skip
def replaces_followed(evidence: Evidence) -> Iterator[Ruling]:
    """Replaces of the INVITE, where the subject lists the extension."""
    knows = any("replaces" in "".join(message.lines("supported")) for _, message in evidence.judged)
    for refer, one in referred(evidence, "refer-replaces"):
        if knows:
            seen = "".join(one.request.lines("replaces")).replace(" ", "")
            good = seen.startswith("one@example.org;") and "to-tag=two" in seen and "from-tag=three" in seen
            why, expected = "the call to be replaced is not named", "one@example.org;to-tag=two;from-tag=three"
            yield rule(good, refer.event, one.event, why=why, expected=expected, seen=seen or "none", place="Replaces")


@check(
    "rfc3261/s19_1_5/no-injection", "Escaped line ends in the header part of a URI make no headers.", "rfc3261:19.1.5/7", "rfc3261:7.3.1/0",
    needs="a REFER to such a URI", level="SHOULD", role=CLIENT, scenarios=("user-agent/refer-injection",),
)  # fmt: skip
def no_injection(evidence: Evidence) -> Iterator[Ruling]:
    """No request of the subject with the header, and the call as it was."""
    refers = list(evidence.asked("refer-injection"))
    injected = [one for one in told(evidence) if one.request.has("x-injected")]
    for refer in refers[:1]:
        if injected:
            why, seen = "a header out of a URI", injected[0].request.title
            yield wrong(refer.event, injected[0].event, why=why, expected="no such header", seen=seen)
        elif any(one.method == "BYE" and accepted(one) for one in evidence.transactions):
            yield right(refer.event)


@check(
    "rfc3515/s02_4_6/id-repeated", "Who refreshes a subscription of REFER that has an id repeats the id.", "rfc3515:2.4.6/3",
    needs="a subject told to refresh the subscription of its second REFER in a dialog", role=CLIENT,
    scenarios=("user-agent/refreshes-refer",),
)  # fmt: skip
def id_repeated(evidence: Evidence) -> Iterator[Ruling]:
    """The number of the last REFER ahead of the SUBSCRIBE."""
    refers = list(told(evidence, "REFER"))
    for one in told(evidence, "SUBSCRIBE"):
        number = next((each.request.cseq for each in reversed(refers) if each.event.number < one.event.number), None)
        if number is not None and one.request.to_tag is not None:
            expected, seen = f"refer;id={number[0]}", ", ".join(one.request.lines("event"))
            good = event_of(one.request) == ("refer", str(number[0]))
            yield rule(good, one.event, why="another subscription", expected=expected, seen=seen, place="Event")
