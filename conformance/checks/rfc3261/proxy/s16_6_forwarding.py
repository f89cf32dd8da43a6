"""Proxies: the same request on two hops (RFC 3261, section 16.6)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.transactions import Transaction
from conformance.lab.sip.value import has, number_at, pick, text_at

PROXY = "proxy"
NEEDS = "a request seen before and behind a proxy"
PROCESSED = {"via", "route", "record-route", "max-forwards", "proxy-authorization", "proxy-require"}
"""Headers that proxies put in, change or take out."""


def forwarded(evidence: Evidence) -> Iterator[tuple[Transaction, Transaction]]:
    """Every request with the copy that a proxy made of it."""
    for after in evidence.transactions:
        vias = after.request.values("via")
        below = text_at(vias[1], "parameters", "branch") if len(vias) > 1 else None
        if not below or not after.judged:
            continue
        for before in evidence.calls[after.request.call_id]:
            earlier = before.method == after.method and before.event.number < after.event.number
            if earlier and before.request.branch == below and len(before.request.values("via")) == len(vias) - 1:
                yield before, after
                break


@check("rfc3261/s16_6/max-forwards", "A proxy takes one off Max-Forwards, or adds it.", "rfc3261:16.6/13", "rfc3261:16.6/14a",
       needs=NEEDS, role=PROXY)  # fmt: skip
def max_forwards(evidence: Evidence) -> Iterator[Ruling]:
    """Max-Forwards on both hops."""
    for before, after in forwarded(evidence):
        old, new = number_at(before.request.first("max-forwards")), number_at(after.request.first("max-forwards"))
        good = new is not None if old is None else new == old - 1
        expected = "some value" if old is None else str(old - 1)
        yield rule(
            good, before.event, after.event, why="Max-Forwards", expected=expected, seen=new, place="Max-Forwards"
        )


@check("rfc3261/s16_6/via-added", "A proxy puts its own Via before the others and leaves those alone.", "rfc3261:16.6/54",
       "rfc3261:16.6/9", needs=NEEDS, role=PROXY)  # fmt: skip
def via_added(evidence: Evidence) -> Iterator[Ruling]:
    """Branches of both hops."""
    for before, after in forwarded(evidence):
        wanted = [text_at(one, "parameters", "branch") for one in before.request.values("via")]
        got = [text_at(one, "parameters", "branch") for one in after.request.values("via")]
        good = got[1:] == wanted and got[0] not in wanted
        yield rule(
            good, before.event, after.event, why="Via", expected=f"a new one before {wanted}", seen=got, place="Via"
        )


@check("rfc3261/s16_6/body-untouched", "A proxy leaves the body as it is.", "rfc3261:16.6/10", needs=NEEDS, role=PROXY)
def body_untouched(evidence: Evidence) -> Iterator[Ruling]:
    """Bodies of both hops, octet for octet."""
    for before, after in forwarded(evidence):
        good = before.request.body == after.request.body
        expected = f"{len(before.request.body)} bytes as received"
        yield rule(
            good,
            before.event,
            after.event,
            why="another body",
            expected=expected,
            seen=f"{len(after.request.body)} bytes",
            place="body",
        )


@check("rfc3261/s16_6/headers-kept", "A proxy removes no header that it does not process.", "rfc3261:16.6/6", "rfc3261:16.6/7",
       needs=NEEDS, role=PROXY)  # fmt: skip
def headers_kept(evidence: Evidence) -> Iterator[Ruling]:
    """Names of headers on both hops; those that routing and authentication consume are left out."""
    consumed = {"route", "proxy-authorization", "proxy-require", "max-forwards", "via", "record-route"}
    for before, after in forwarded(evidence):
        names = {entry.name for entry in before.request.fields} - consumed
        missing = sorted(names - {entry.name for entry in after.request.fields})
        yield rule(
            not missing,
            before.event,
            after.event,
            why="headers removed",
            expected="all kept",
            seen=missing,
            place=", ".join(missing),
        )


@check("rfc3261/s16_6/record-route", "A proxy that stays in the path puts a SIP URI with lr before the other Record-Routes.",
       "rfc3261:16.6/15", "rfc3261:16.6/18", "rfc3261:16.6/19", needs="a request to which a proxy added a Record-Route", role=PROXY)  # fmt: skip
def record_route(evidence: Evidence) -> Iterator[Ruling]:
    """The Record-Route that the first hop lacks."""
    for before, after in forwarded(evidence):
        old, new = before.request.values("record-route"), after.request.values("record-route")
        if len(new) <= len(old):
            continue
        added = new[: len(new) - len(old)]
        kept = [pick(one, "uri") for one in new[len(added) :]] == [pick(one, "uri") for one in old]
        good = kept and all(
            has(one, "uri", "parameters", "lr") and text_at(one, "uri", "scheme") in ("sip", "sips") for one in added
        )
        seen = after.request.lines("record-route")
        yield rule(
            good,
            before.event,
            after.event,
            why="Record-Route",
            expected="a SIP URI with lr in front",
            seen=seen,
            place="Record-Route",
        )


@check("rfc3261/s16_7/via-removed", "A proxy that forwards a response removes its own Via and no other.", "rfc3261:16.7/0",
       needs="a response seen before and behind a proxy", role=PROXY)  # fmt: skip
def via_removed(evidence: Evidence) -> Iterator[Ruling]:
    """Branches of a final response on both hops."""
    for before, after in forwarded(evidence):
        for event, message in before.responses:
            inner = [(e, m) for e, m in after.responses if m.status == message.status and m.to_tag == message.to_tag]
            if not inner or inner[0][0].number > event.number or (message.status or 0) == 100:
                continue
            wanted = [text_at(one, "parameters", "branch") for one in inner[0][1].values("via")][1:]
            got = [text_at(one, "parameters", "branch") for one in message.values("via")]
            yield rule(wanted == got, inner[0][0], event, why="Via", expected=str(wanted), seen=got, place="Via")


@check(
    "rfc3261/s16_6/order-kept",
    "A proxy leaves the headers in their order.",
    "rfc3261:16.6/8",
    needs=NEEDS,
    level="SHOULD",
    role=PROXY,
)
def order_kept(evidence: Evidence) -> Iterator[Ruling]:
    """Names of headers on both hops, without those that a proxy puts in or takes out."""
    for before, after in forwarded(evidence):
        old, new = ([entry.name for entry in one.request.fields] for one in (before, after))
        common = (set(old) & set(new)) - PROCESSED
        wanted, got = ([name for name in dict.fromkeys(names) if name in common] for names in (old, new))
        why, expected = "another order", ", ".join(wanted)
        yield rule(wanted == got, before.event, after.event, why=why, expected=expected, seen=", ".join(got))


@check("rfc3261/s16_6/max-forwards-added", "A proxy that adds Max-Forwards sets it to 70.", "rfc3261:16.6/14b",
       needs="a request without Max-Forwards, seen behind a proxy too", level="SHOULD", role=PROXY)  # fmt: skip
def max_forwards_added(evidence: Evidence) -> Iterator[Ruling]:
    """Max-Forwards where it was missing before."""
    for before, after in forwarded(evidence):
        got = number_at(after.request.first("max-forwards"))
        if not before.request.has("max-forwards") and got is not None:
            good = got == 70
            yield rule(
                good, before.event, after.event, why="another value", expected="70", seen=got, place="Max-Forwards"
            )


@check("rfc3261/s16_6/secure-record-route", "A proxy puts a SIPS URI into Record-Route where the request goes to one.", "rfc3261:16.6/23",
       needs="a request to a SIPS URI to which a proxy added a Record-Route", role=PROXY)  # fmt: skip
def secure_record_route(evidence: Evidence) -> Iterator[Ruling]:
    """The scheme of what was added, against Request-URI and topmost Route of the copy."""
    for before, after in forwarded(evidence):
        old, new = before.request.values("record-route"), after.request.values("record-route")
        secure = after.request.request_uri.lower().startswith("sips:")
        secure = secure or text_at(after.request.first("route"), "uri", "scheme") == "sips"
        if secure and len(new) > len(old):
            scheme, place = text_at(new[0], "uri", "scheme"), "Record-Route"
            good = scheme == "sips"
            yield rule(good, before.event, after.event, why="not secure", expected="sips", seen=scheme, place=place)
