"""INFO (RFC 6086)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.seen import Seen
from conformance.lab.sip.value import text_at

BOTH = "user-agent"


@check(
    "rfc6086/s04_2_1/in-dialog",
    "An INFO is sent inside a dialog made by INVITE.",
    "rfc6086:4.2.1/4a",
    needs="an INFO",
    role=BOTH,
)
def in_dialog(evidence: Evidence) -> Iterator[Ruling]:
    """To tag, and an INVITE dialog where the call was seen from its beginning."""
    for event, message in evidence.requests("INFO"):
        known = evidence.dialogs_by_call.get(message.call_id, [])
        good = bool(message.to_tag) and (not known or any(one.method == "INVITE" for one in known))
        yield rule(
            good,
            event,
            why="no session",
            expected="a dialog made by INVITE",
            seen=f"To tag {message.to_tag}",
            place="To",
        )


@check("rfc6086/s04_2_1/no-recv-info", "An INFO has no Recv-Info.", "rfc6086:4.2.1/3", needs="an INFO", role=BOTH)
def no_recv_info(evidence: Evidence) -> Iterator[Ruling]:
    """Absence of Recv-Info."""
    for event, message in evidence.requests("INFO"):
        good = not message.has("recv-info")
        yield rule(good, event, why="Recv-Info", expected="none", seen=message.lines("recv-info"), place="Recv-Info")


@check("rfc6086/s04_2_1/willing", "An INFO of a package goes to a peer that told it would receive it.", "rfc6086:4.2.1/4b",
       "rfc6086:5.2.2/4", needs="an INFO with Info-Package in a dialog that was seen", role=BOTH)  # fmt: skip
def willing(evidence: Evidence) -> Iterator[Ruling]:
    """Recv-Info of the other side before it; what was said in a request that had been refused by then does not count."""
    for dialog in evidence.dialogs:
        for one in dialog.transactions:
            package = text_at(one.request.first("info-package"), "value")
            if one.method != "INFO" or package is None or not one.judged:
                continue
            told: list[str] = []
            for transaction in [dialog.made_by, *dialog.transactions]:
                final = transaction.final
                if final and (final[1].status or 0) >= 300 and final[0].number < one.event.number:
                    continue
                for event, message in [(transaction.event, transaction.request), *transaction.responses]:
                    sender = message.from_tag if message.is_request else message.to_tag
                    if event.number < one.event.number and sender == one.request.to_tag and message.has("recv-info"):
                        told = [text_at(v, "value") or str(v) for v in message.values("recv-info")]
            yield rule(
                package in told, one.event, why="not willing", expected=str(told), seen=package, place="Info-Package"
            )


@check("rfc6086/s04_2_2/bad-package", "An INFO of a package that was not told gets 469 with Recv-Info.", "rfc6086:4.2.2/1",
       needs="a 469", role=BOTH)  # fmt: skip
def bad_package(evidence: Evidence) -> Iterator[Ruling]:
    """Recv-Info of 469."""
    for event, message in evidence.responses(469):
        yield rule(
            message.has("recv-info"), event, why="nothing told", expected="Recv-Info", seen="none", place="Recv-Info"
        )


@check("rfc6086/s05_2_3/recv-info-answered", "Recv-Info in a 2xx follows Recv-Info in its request, and the other way round.",
       "rfc6086:5.2.3/2", "rfc6086:5.2.3/3", needs="a 2xx to INVITE with Recv-Info on one of the two sides", role=BOTH)  # fmt: skip
def recv_info_answered(evidence: Evidence) -> Iterator[Ruling]:
    """Both sides; a peer that does not know the mechanism leaves it out, which shows as a deviation of its claim only."""
    for one in evidence.transactions:
        if one.method != "INVITE" or one.final is None or not 200 <= (one.final[1].status or 0) < 300:
            continue
        event, message = one.final
        asked, told = one.request.has("recv-info"), message.has("recv-info")
        if told and event.direction != "received":
            yield rule(
                asked,
                one.event,
                event,
                why="told unasked",
                expected="no Recv-Info",
                seen=message.lines("recv-info"),
                place="Recv-Info",
            )


@check("rfc6086/s04_3_2/no-package-body-in-response", "A response to INFO carries no Info-Package.", "rfc6086:4.3.2/1", "rfc6086:4.3.2/2",
       needs="a response to INFO", role=BOTH)  # fmt: skip
def no_package_body_in_response(evidence: Evidence) -> Iterator[Ruling]:
    """No Info-Package and no body so disposed."""
    for event, message in evidence.responses(method="INFO"):
        disposition = (text_at(message.first("content-disposition"), "value") or "").lower()
        good = not message.has("info-package") and disposition != "info-package"
        yield rule(
            good,
            event,
            why="a package in a response",
            expected="none",
            seen=message.lines("info-package"),
            place="Info-Package",
        )


@check("rfc6086/s05_2_3/recv-info-alike", "All responses to one request that have Recv-Info have the same.", "rfc6086:5.2.3/4",
       needs="two responses of one server to one INVITE with Recv-Info", role=BOTH)  # fmt: skip
def recv_info_alike(evidence: Evidence) -> Iterator[Ruling]:
    """Packages by the tag of To; 100 is made by others as well."""
    for one in evidence.transactions:
        known: dict[str | None, tuple[Seen, list[str]]] = {}
        for event, message in one.responses if one.method == "INVITE" else ():
            if message.has("recv-info") and message.status != 100 and event.direction != "received":
                told = [text_at(value, "value") or str(value) for value in message.values("recv-info")]
                first, wanted = known.setdefault(message.to_tag, (event, told))
                if first is not event:
                    good, place = wanted == told, "Recv-Info"
                    yield rule(good, first, event, why="other packages", expected=str(wanted), seen=told, place=place)
