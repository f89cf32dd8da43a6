"""Option tags and methods that messages list (RFC 3261, sections 8.1.1.9, 20.5, 20.12, 20.32 and 20.37)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.s08_2_6_response import answers
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, wrong
from conformance.judge.seen import Seen
from conformance.lab.sip.value import text_at
from conformance.run.model import Level

CLIENT = "user-agent-client"
_REGISTERED = """
    100rel 199 answermode early-session eventlist explicitsub from-change geolocation-http geolocation-sip gin gruu histinfo ice
    join multiple-refer norefersub nosub outbound path policy precondition pref privacy recipient-list-invite recipient-list-message
    recipient-list-subscribe record-aware replaces resource-priority sdp-anat sec-agree siprec tdialog timer trickle-ice uui
"""
OPTIONS = frozenset(_REGISTERED.split())
"""Option tags of standards-track documents; later registrations may not be among them."""
PRIVATE = ("x-", "com.", "org.")
"""How tags begin that nobody registers."""


def _listed(evidence: Evidence, *names: str) -> Iterator[Ruling]:
    for event, message in evidence.judged:
        for name in names:
            for tag in message.values(name):
                yield _known(event, str(tag), name)


def _known(event: Seen, tag: str, name: str) -> Ruling:
    good, expected = tag.lower() in OPTIONS, "a tag of a standards-track document"
    level = None if tag.lower().startswith(PRIVATE) else Level.SHOULD
    if good:
        return rule(True, event, why="", expected=expected, seen=tag, place=name)
    # A tag that is not known here may have been registered since.
    return wrong(event, why="not a registered tag", expected=expected, seen=tag, place=name.title(), level=level)


@check("rfc3261/s08_1_1_9/supported-registered", "Supported lists extensions of standards-track documents only.", "rfc3261:8.1.1.9/2",
       "rfc3261:20.37/1", needs="a message with Supported")  # fmt: skip
def supported_registered(evidence: Evidence) -> Iterator[Ruling]:
    """Tags of Supported; one that is merely unknown here is no failure."""
    return _listed(evidence, "supported")


@check("rfc3261/s08_1_1_9/required-registered", "Require and Proxy-Require list extensions of standards-track documents only.",
       "rfc3261:8.1.1.9/5", "rfc3261:20.32/3", needs="a message with Require or Proxy-Require", role=CLIENT)  # fmt: skip
def required_registered(evidence: Evidence) -> Iterator[Ruling]:
    """Tags of both; one that is merely unknown here is no failure."""
    return _listed(evidence, "require", "proxy-require")


@check(
    "rfc3261/s20_5/allow-complete",
    "An Allow that has INVITE has ACK and CANCEL, too.",
    "rfc3261:20.5/1",
    needs="an Allow with INVITE",
)
def allow_complete(evidence: Evidence) -> Iterator[Ruling]:
    """The methods without which nobody can take INVITE."""
    for event, message in evidence.judged:
        methods = message.values("allow")
        if "INVITE" in methods:
            missing = [name for name in ("ACK", "CANCEL") if name not in methods]
            seen = f"no {', '.join(missing)}"
            yield rule(not missing, event, why="incomplete", expected="ACK and CANCEL", seen=seen, place="Allow")


@check("rfc3261/s20_12/encoding-accepted", "A response uses only content codings that its request accepts.", "rfc3261:20.12/5",
       needs="a response with Content-Encoding", role="user-agent-server")  # fmt: skip
def encoding_accepted(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Encoding against Accept-Encoding; without the latter only identity is (section 20.2)."""
    for transaction, event, message in answers(evidence):
        accepted = {text_at(one, "value") for one in transaction.request.values("accept-encoding")} | {"identity"}
        for coding in message.values("content-encoding"):
            good = str(coding).lower() in accepted or "*" in accepted
            expected = ", ".join(sorted(str(one) for one in accepted))
            place = "Content-Encoding"
            yield rule(good, transaction.event, event, why="not accepted", expected=expected, seen=coding, place=place)
