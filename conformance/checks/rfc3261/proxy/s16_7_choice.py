"""The one answer out of several (RFC 3261, section 16.7, steps 5 to 7 and 10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.checks.rfc3261.proxy.ways import PROXY, cancel_of, finals, status, went
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at

FORKS = (
    "proxy/fork-classes",
    "proxy/fork-unavailable",
    "proxy/fork-challenges",
    "proxy/fork-helpful",
    "proxy/fork-declined",
)
SILENT = ("proxy/fork-none-better",)


@check(
    "rfc3261/s16_7/one-refusal", "Refusals wait until every branch has ended, and only one goes to the caller.", "rfc3261:16.7/16",
    "rfc3261:16.7/19", "rfc3261:16.7/20", needs="a request that several phones refuse", role=PROXY, scenarios=FORKS,
)  # fmt: skip
def one_refusal(evidence: Evidence) -> Iterator[Ruling]:
    """Number and time of refusals at the caller."""
    for one, branches in went(evidence, "call"):
        back = [pair for pair in finals(one) if status(pair) >= 300]
        ends = [branch.final[0].number for branch in branches if branch.final is not None]
        if len(branches) < 2 or not ends:
            continue
        if not back:
            if len(ends) == len(branches):
                yield wrong(
                    one.event, why="every branch has ended", expected="a final response", seen="no final response"
                )
            continue
        early = len(ends) < len(branches) or back[0][0].number < max(ends)
        seen = f"{len(back)} refusals, the first {'before' if early else 'behind'} the last branch"
        yield rule(
            len(back) == 1 and not early,
            one.event,
            back[0][0],
            why="refusals",
            expected="one, when all are in",
            seen=seen,
        )


@check(
    "rfc3261/s16_7/one-that-came", "The answer is one that came, where one came at all.", "rfc3261:16.7/22", "rfc3261:16.7/20",
    needs="a request that phones refuse", role=PROXY, scenarios=(*FORKS, *SILENT, "proxy/refused", "proxy/redirected"),
)  # fmt: skip
def one_that_came(evidence: Evidence) -> Iterator[Ruling]:
    """The status against those that came; a branch that fell silent counts as 408, and 503 may become 500."""
    for one, branches in went(evidence, "call"):
        came = {m.status or 0 for branch in branches for _, m in finals(branch)}
        if one.final is None or not came:
            continue
        event, message = one.final
        came |= {408 for branch in branches if branch.final is None}
        good = message.status in came or (message.status == 500 and 503 in came)
        expected = " or ".join(map(str, sorted(came)))
        yield rule(good, one.event, event, why="of the proxy's own making", expected=expected, seen=message.title)


@check(
    "rfc3261/s16_7/lowest-class", "Without a 6xx the answer comes from the lowest class.", "rfc3261:16.7/24",
    needs="500 from one phone, 486 from the other", level="SHOULD", role=PROXY, scenarios=("proxy/fork-classes",),
)  # fmt: skip
def lowest_class(evidence: Evidence) -> Iterator[Ruling]:
    """The status at the caller."""
    yield from _answered(evidence, 486, "the better answer")


@check(
    "rfc3261/s16_7/helpful-first", "What says how to ask again comes before the rest of its class.", "rfc3261:16.7/26",
    needs="404 from one phone, 401 from the other", level="SHOULD", role=PROXY, scenarios=("proxy/fork-helpful",),
)  # fmt: skip
def helpful_first(evidence: Evidence) -> Iterator[Ruling]:
    """The status at the caller."""
    yield from _answered(evidence, 401, "the more helpful answer")


@check(
    "rfc3261/s16_7/declined-wins", "A 6xx is chosen before all others.", "rfc3261:16.7/23", needs="603 from one phone of several",
    role=PROXY, scenarios=("proxy/fork-declined",),
)  # fmt: skip
def declined_wins(evidence: Evidence) -> Iterator[Ruling]:
    """The status at the caller."""
    yield from _answered(evidence, 603, "declined for all")


def _answered(evidence: Evidence, wanted: int, why: str) -> Iterator[Ruling]:
    for one, branches in went(evidence, "call"):
        came = {m.status for branch in branches for _, m in finals(branch)}
        if one.final is not None and wanted in came:
            event, message = one.final
            yield rule(message.status == wanted, one.event, event, why=why, expected=str(wanted), seen=message.title)


@check(
    "rfc3261/s16_7/no-503", "503 does not go to the caller: 500 stands for it where nothing else came.", "rfc3261:16.7/27",
    "rfc3261:16.7/28", needs="503 from a phone", level="SHOULD", role=PROXY,
    scenarios=("proxy/fork-unavailable", "proxy/all-unavailable"),
)  # fmt: skip
def no_503(evidence: Evidence) -> Iterator[Ruling]:
    """The status at the caller."""
    for one, branches in went(evidence, "call"):
        came = {m.status for branch in branches for _, m in finals(branch)}
        if one.final is not None and 503 in came:
            event, message = one.final
            good = message.status == 500 if came == {503} else message.status != 503
            expected = "500" if came == {503} else "another one than 503"
            yield rule(good, one.event, event, why="overload of a phone", expected=expected, seen=message.title)


@check(
    "rfc3261/s16_7/all-challenges", "A 401 or 407 carries the challenges of all branches.", "rfc3261:16.7/34", "rfc3261:22.3/14",
    needs="401 from one phone, 407 from the other", role=PROXY, scenarios=("proxy/fork-challenges",),
)  # fmt: skip
def all_challenges(evidence: Evidence) -> Iterator[Ruling]:
    """Realms at the caller."""
    for one, branches in went(evidence, "call"):
        wanted = {realm for branch in branches for _, m in finals(branch) for realm in _realms(m)}
        if one.final is not None and len(wanted) > 1:
            event, message = one.final
            got = _realms(message)
            expected = ", ".join(sorted(wanted))
            yield rule(
                got == wanted,
                one.event,
                event,
                why="challenges",
                expected=expected,
                seen=", ".join(sorted(got)) or "none",
            )


def _realms(message: Message) -> set[str]:
    names = ("www-authenticate", "proxy-authenticate")
    return {text_at(one, "parameters", "realm") or "" for name in names for one in message.values(name)}


@check(
    "rfc3261/s16_7/declined-cancels", "A 6xx makes the proxy cancel the other branches, and begin none.", "rfc3261:16.7/14a",
    "rfc3261:16.7/14b", "rfc3261:16.7/49", needs="603 from one phone while another one rings", level="SHOULD", role=PROXY,
    scenarios=("proxy/fork-declined",),
)  # fmt: skip
def declined_cancels(evidence: Evidence) -> Iterator[Ruling]:
    """A CANCEL on each branch that was pending."""
    yield from _cancelled(evidence, lambda code: code >= 600, "declined for all")


@check(
    "rfc3261/s16_7/answered-cancels", "Once the call is taken, the proxy cancels what still rings.", "rfc3261:16.7/48",
    needs="200 from one phone while another one rings", role=PROXY, scenarios=("proxy/fork-answered",),
)  # fmt: skip
def answered_cancels(evidence: Evidence) -> Iterator[Ruling]:
    """A CANCEL on each branch that was pending."""
    yield from _cancelled(evidence, lambda code: 200 <= code < 300, "taken by another phone")


def _cancelled(evidence: Evidence, decides: Callable[[int], bool], why: str) -> Iterator[Ruling]:
    for _, branches in went(evidence, "call"):
        decisive = [pair for branch in branches for pair in finals(branch) if decides(status(pair))]
        if not decisive:
            continue
        event = min(decisive, key=lambda pair: pair[0].number)[0]
        for branch in branches:
            if branch.event.number > event.number:
                yield wrong(event, branch.event, why=f"{why}: a new branch", expected="none", seen=branch.request.title)
            elif branch.final is None or branch.final[0].number > event.number:
                cancel = cancel_of(evidence, branch)
                if cancel is None:
                    yield wrong(event, branch.event, why=f"{why}: still pending", expected="CANCEL", seen="no CANCEL")
                else:
                    yield right(event, cancel.event)


@check(
    "rfc3261/s16_7/late-487-kept", "What a cancelled branch says behind a 200 does not reach the caller.", "rfc3261:16.7/16",
    needs="487 from a phone behind the 200 of another one", role=PROXY, scenarios=("proxy/fork-answered",),
)  # fmt: skip
def late_487_kept(evidence: Evidence) -> Iterator[Ruling]:
    """No refusal behind the 200."""
    for one, branches in went(evidence, "call"):
        refused = [event for branch in branches for event, m in finals(branch) if (m.status or 0) >= 300]
        if refused and any(status(pair) == 200 for pair in finals(one)):
            late = [pair for pair in finals(one) if status(pair) >= 300]
            if late:
                yield wrong(
                    refused[0], late[0][0], why="a refusal behind the 200", expected="none", seen=late[0][1].title
                )
            else:
                yield right(one.event, refused[0])


@check(
    "rfc3261/s16_7/redirection", "A redirection goes to the caller with its contacts, but for those that the proxy has followed itself.",
    "rfc3261:16.7/7", "rfc3261:16.7/9", "rfc3261:16.7/43", needs="302 from a phone", role=PROXY, scenarios=("proxy/redirected",),
)  # fmt: skip
def redirection(evidence: Evidence) -> Iterator[Ruling]:
    """Contact at the caller."""
    followed = any("follows the redirection" in note for note in (evidence.play.notes if evidence.play else ()))
    for one, branches in went(evidence, "call"):
        came = [m for branch in branches for _, m in finals(branch) if m.status == 302]
        if one.final is None or not came:
            continue
        event, message = one.final
        if followed:
            good = came[0].lines("contact") != message.lines("contact")
            yield rule(
                good,
                one.event,
                event,
                why="followed already",
                expected="without this contact",
                seen=message.lines("contact"),
            )
        else:
            good = message.status == 302 and message.lines("contact") == came[0].lines("contact")
            expected = f"302 with {came[0].lines('contact')}"
            yield rule(
                good,
                one.event,
                event,
                why="a redirection",
                expected=expected,
                seen=f"{message.title} {message.lines('contact')}",
            )
