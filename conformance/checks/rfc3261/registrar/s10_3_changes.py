"""One binding after the other: made, refreshed, removed, in order and as a whole (RFC 3261, section 10.3, steps 1, 2 and 7)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by, lists, status_of
from conformance.checks.rfc3261.registrar.registrations import (
    REGISTRAR,
    before,
    behind,
    bound_behind,
    granted,
    refused_as,
    settled,
    shown,
    succeeded,
    wanted,
)  # fmt: skip
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import Transaction

HOUR = 3600


@check(
    "rfc3261/s10_3/bound", "A contact that was registered with success is there when somebody asks, and gone once it was removed.",
    "rfc3261:10.3/32", "rfc3261:10.3/0", "rfc3261:10.2.2/0", "rfc3261:8.2/1", needs="a registration and a query behind it", role=REGISTRAR,
    scenarios=("registrar/bind", "registrar/several", "registrar/record-route"),
)  # fmt: skip
def bound(evidence: Evidence) -> Iterator[Ruling]:
    """The query behind each."""
    for one in settled(evidence, "bind", "remove", "recorded"):
        if succeeded(one):
            there = tuple(uri for uri, seconds in wanted(one).items() if seconds != 0)
            gone = tuple(uri for uri, seconds in wanted(one).items() if seconds == 0)
            yield bound_behind(evidence, one, there=there, gone=gone)


@check(
    "rfc3261/s10_3/own-times", "Each contact of a request gets its own time, not that of the whole request.", "rfc3261:10.3/21",
    "rfc3261:10.2.1.1/0", needs="a registration of contacts with expires of their own", role=REGISTRAR, scenarios=("registrar/several",),
)  # fmt: skip
def own_times(evidence: Evidence) -> Iterator[Ruling]:
    """Granted seconds against those that were asked for."""
    for one in settled(evidence, "bind"):
        if succeeded(one) and one.final is not None:
            got = granted(one.final[1])
            if not set(got) & set(wanted(one)):
                yield unclear(one.event, one.final[0], why="the response shows none of the contacts")
                continue
            late = {uri: got.get(uri) for uri, seconds in wanted(one).items() if (got.get(uri) or 0) > (seconds or 0)}
            yield rule(
                not late,
                one.event,
                one.final[0],
                why="longer than asked for",
                expected=shown(wanted(one)),
                seen=shown(got),
            )


@check(
    "rfc3261/s10_3/record-route-ignored", "A REGISTER with Record-Route is carried out as one without.", "rfc3261:10.3/3",
    needs="a REGISTER with Record-Route", role=REGISTRAR, scenarios=("registrar/record-route",),
)  # fmt: skip
def record_route_ignored(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in settled(evidence, "recorded"):
        yield answered_by(evidence, one, 200, why="Record-Route made a difference")


@check(
    "rfc3261/s10_3/require-420", "A REGISTER that requires an unknown extension gets 420 that names it, and binds nothing.",
    "rfc3261:10.3/9", needs="a REGISTER with an unknown option in Require", role=REGISTRAR, scenarios=("registrar/require",),
)  # fmt: skip
def require_420(evidence: Evidence) -> Iterator[Ruling]:
    """Status, Unsupported, the query behind."""
    for one in settled(evidence, "required"):
        yield refused_as(one, 420, why="an unknown extension was required")
        if status_of(one) == 420 and one.final is not None:
            event, message = one.final
            good = "nobody-knows" in lists(message, "unsupported")
            seen = message.lines("unsupported")
            yield rule(
                good, one.event, event, why="Unsupported", expected="nobody-knows", seen=seen, place="Unsupported"
            )
        yield bound_behind(evidence, one, gone=tuple(wanted(one)))


@check(
    "rfc3261/s10_3/default-time", "A contact without any time gets one that the registrar chooses.", "rfc3261:10.3/23",
    needs="a REGISTER without expires and Expires", role=REGISTRAR, scenarios=("registrar/default-time",),
)  # fmt: skip
def default_time(evidence: Evidence) -> Iterator[Ruling]:
    """The granted time is above zero."""
    for one in settled(evidence, "no-time"):
        yield answered_by(evidence, one, 200, why="no time was given")
        if succeeded(one) and one.final is not None:
            got = granted(one.final[1])
            good = all((got.get(uri) or 0) > 0 for uri in wanted(one))
            yield rule(
                good, one.event, one.final[0], why="no time was chosen", expected="some seconds", seen=shown(got)
            )


@check(
    "rfc3261/s10_2/unreadable-time", "An expires that cannot be read counts as an hour.", "rfc3261:10.2/14", "rfc3261:20.10/0",
    needs="a Contact with expires=soon", level="SHOULD", role=REGISTRAR, scenarios=("registrar/default-time",),
)  # fmt: skip
def unreadable_time(evidence: Evidence) -> Iterator[Ruling]:
    """The granted time of that contact."""
    for one in settled(evidence, "odd-time"):
        yield answered_by(evidence, one, 200, why="a time that cannot be read")
        if succeeded(one) and one.final is not None:
            got = {uri: seconds for uri, seconds in granted(one.final[1]).items() if uri in granted(one.request)}
            good = bool(got) and all((seconds or 0) in range(HOUR - 60, HOUR + 1) for seconds in got.values())
            yield rule(
                good, one.event, one.final[0], why="another time", expected="3600 s", seen=shown(got), place="Contact"
            )


@check(
    "rfc3261/s10_3/too-brief", "423 comes only for times above zero and below an hour, with the time that would do.", "rfc3261:10.3/25",
    "rfc3261:10.3/26", "rfc3261:20.23/0", needs="REGISTERs with various times", role=REGISTRAR, scenarios=("registrar/brief",),
)  # fmt: skip
def too_brief(evidence: Evidence) -> Iterator[Ruling]:
    """Each time with its status and Min-Expires."""
    for one in settled(evidence, "timed"):
        asked_for = max((seconds or 0 for seconds in wanted(one).values()), default=0)
        if one.final is None:
            continue
        event, message = one.final
        if message.status != 423:
            yield rule(
                message.status == 200, one.event, event, why=f"{asked_for} s", expected="200 or 423", seen=message.title
            )
            continue
        least = message.first("min-expires")
        good = 0 < asked_for < HOUR and isinstance(least, int) and least > asked_for
        seen = f"423 for {asked_for} s with Min-Expires {least}"
        yield rule(good, one.event, event, why="too brief", expected="423 below an hour, Min-Expires above", seen=seen)


@check(
    "rfc3261/s10_3/other-call-id", "A client can change and remove a binding that another one made, whatever the numbers.",
    "rfc3261:10.3/27", needs="a change of a binding under another Call-ID", role=REGISTRAR, scenarios=("registrar/other-call-id",),
)  # fmt: skip
def other_call_id(evidence: Evidence) -> Iterator[Ruling]:
    """Status and query of both changes."""
    yield from _changed(evidence)


@check(
    "rfc3261/s10_3/same-call-id", "A client with rising numbers refreshes and removes its own binding.", "rfc3261:10.3/28",
    needs="a refresh and a removal with rising numbers", role=REGISTRAR, scenarios=("registrar/same-call-id",),
)  # fmt: skip
def same_call_id(evidence: Evidence) -> Iterator[Ruling]:
    """Status and query of both changes."""
    yield from _changed(evidence)


def _changed(evidence: Evidence) -> Iterator[Ruling]:
    for one in settled(evidence, "replace", "remove"):
        yield answered_by(evidence, one, 200, why="a change of a binding")
        if succeeded(one):
            asked_for = wanted(one)
            there = tuple(uri for uri, seconds in asked_for.items() if seconds)
            most = max((seconds or 0 for seconds in asked_for.values()), default=None)
            yield bound_behind(evidence, one, there=there, gone=tuple(set(asked_for) - set(there)), most=most)


def _host(uri: str) -> str:
    return uri.rpartition("@")[2].partition(";")[0].lower()


@check(
    "rfc3261/s10_3/same-contact", "A contact that equals a bound one changes that binding and makes no second one.", "rfc3261:10.3/27",
    "rfc3261:10.3/28", "rfc3261:19.1.4/0", needs="one contact registered in two spellings", role=REGISTRAR,
    scenarios=("registrar/same-contact",),
)  # fmt: skip
def same_contact(evidence: Evidence) -> Iterator[Ruling]:
    """The number of bindings behind the second."""
    for one in settled(evidence, "replace"):
        query = behind(evidence, one)
        if query is not None and query.final is not None:
            got = query.final[1].values("contact")
            hosts = {_host(uri) for uri in wanted(one)}
            if got and not all(_host(uri) in hosts for uri in granted(query.final[1])):
                yield unclear(one.event, query.final[0], why="what is shown is not what was registered")
                continue
            good = len(got) == 1
            seen = f"{len(got)} bindings"
            yield rule(
                good, one.event, query.final[0], why="equal URIs", expected="1 binding", seen=seen, place="Contact"
            )


@check(
    "rfc3261/s10_3/stale-refused", "A change whose number is lower than the last one of its Call-ID fails.", "rfc3261:10.3/29",
    "rfc3261:10.3/31a", needs="a REGISTER with a lower CSeq", role=REGISTRAR, scenarios=("registrar/stale",),
)  # fmt: skip
def stale_refused(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in settled(evidence, "stale"):
        yield refused_as(one, why="the number is lower than before")


@check(
    "rfc3261/s10_3/whole-or-nothing", "A REGISTER that fails changes no binding at all.", "rfc3261:10.3/6", "rfc3261:10.3/29",
    "rfc3261:10.3/31b", needs="a REGISTER that fails in one of its contacts", role=REGISTRAR, scenarios=("registrar/stale",),
)  # fmt: skip
def whole(evidence: Evidence) -> Iterator[Ruling]:
    """Bindings before and behind."""
    for one in settled(evidence, "stale"):
        known, query = before(evidence, one), behind(evidence, one)
        if status_of(one) < 300 or known is None or query is None or query.final is None:
            continue
        got = granted(query.final[1])
        same = set(known) == set(got) and all((got[uri] or 0) > (wanted(one).get(uri) or 0) for uri in known)
        why, expected = "a failed REGISTER changed bindings", shown(known)
        yield rule(same, one.event, query.final[0], why=why, expected=expected, seen=shown(got), place="Contact")


@check(
    "rfc3261/s10_3/same-number-refused", "A change whose number is that of the last one of its Call-ID fails.", "rfc3261:10.3/29",
    needs="a new REGISTER with the same CSeq", role=REGISTRAR, scenarios=("registrar/same-number",),
)  # fmt: skip
def same_number(evidence: Evidence) -> Iterator[Ruling]:
    """The status, or at least that nothing is changed."""
    for one in settled(evidence, "same"):
        yield refused_as(one, why="the number is the same as before")


@check(
    "rfc3261/s10_3/in-order", "Of two changes the one that came later holds.", "rfc3261:10.3/5", "rfc3261:10.3/7",
    needs="two REGISTERs in a row, the second before the answer to the first", role=REGISTRAR, scenarios=("registrar/order",),
)  # fmt: skip
def in_order(evidence: Evidence) -> Iterator[Ruling]:
    """The query behind the second."""
    for one in settled(evidence, "second"):
        if succeeded(one):
            most = max((seconds or 0 for seconds in wanted(one).values()), default=None)
            yield bound_behind(evidence, one, there=tuple(wanted(one)), most=most)
        else:
            yield from _overtaken(one)


def _overtaken(one: Transaction) -> Iterator[Ruling]:
    if one.final is None:
        yield unclear(one.event, why="no final response was seen")
    else:
        yield wrong(one.event, one.final[0], why="the later change failed", expected="200", seen=one.final[1].title)


@check(
    "rfc3261/s10_3/lapses", "A binding that is not refreshed is there until its time is over, and then gone.", "rfc3261:10.3/33",
    "rfc3261:10/0", needs="queries before and behind the end of a binding", role=REGISTRAR, scenarios=("registrar/lapse",),
)  # fmt: skip
def lapses(evidence: Evidence) -> Iterator[Ruling]:
    """Each query against the time of the binding."""
    slack = evidence.play.slack if evidence.play else 0.4
    for one in settled(evidence, "bind"):
        if not succeeded(one) or one.final is None:
            continue
        got = granted(one.final[1])
        for query in settled(evidence, "query"):
            if query.final is None or query.final[1].status != 200:
                continue
            now = granted(query.final[1])
            passed = query.final[0].time - one.final[0].time
            for uri, seconds in got.items():
                if abs(passed - (seconds or 0)) < 1 + slack:
                    continue
                good = (uri in now) == (passed < (seconds or 0))
                why = f"{passed:.0f} s behind a registration for {seconds} s"
                yield rule(good, one.final[0], query.final[0], why=why, expected="bound until then", seen=shown(now))


@check(
    "rfc3261/s10_3/time-left", "A query tells how long a binding still lasts, not how long it lasted at first.", "rfc3261:10.3/33",
    needs="a query some time behind a registration", role=REGISTRAR, scenarios=("registrar/lapse",),
)  # fmt: skip
def time_left(evidence: Evidence) -> Iterator[Ruling]:
    """Seconds in the query against those in the first response."""
    for one in settled(evidence, "bind"):
        query = behind(evidence, one)
        if not succeeded(one) or one.final is None or query is None or query.final is None:
            continue
        passed = query.final[0].time - one.final[0].time
        got, now = granted(one.final[1]), granted(query.final[1])
        for uri in sorted(set(got) & set(now)):
            left = (got[uri] or 0) - passed
            good = now[uri] is not None and abs((now[uri] or 0) - left) <= 2
            yield rule(
                good,
                one.final[0],
                query.final[0],
                why="time left",
                expected=f"about {left:.0f} s",
                seen=f"{now[uri]} s",
            )


@check(
    "rfc3261/s10_3/copy-answered", "A REGISTER that comes again gets the same answer again, and is not carried out twice.",
    "rfc3261:17.2.2/7", "rfc3261:17.2.3/0", needs="a REGISTER sent again over UDP", role=REGISTRAR, scenarios=("registrar/copies",),
)  # fmt: skip
def copy_answered(evidence: Evidence) -> Iterator[Ruling]:
    """The responses behind the first copy."""
    for one in evidence.asked("sent-again"):
        if not one.copies or one.final is None:
            continue
        later = [message for event, message in one.responses if event.number > one.copies[0][0].number]
        titles = [message.title for message in later]
        good = bool(later) and all(m.title == one.final[1].title and m.to_tag == one.final[1].to_tag for m in later)
        if good:
            yield right(one.event, one.final[0])
        else:
            why, expected = "the copy is not answered alike", one.final[1].title
            yield wrong(one.event, one.copies[0][0], why=why, expected=expected, seen=titles or "no answer")
