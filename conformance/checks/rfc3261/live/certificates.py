"""Certificates: whom a subject speaks with over TLS, and what it shows (RFC 3261, sections 26.2.1, 26.3.1 and 26.3.2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import CLIENT, accepted, answered_by, status_of, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, unclear, wrong
from conformance.run.model import Level

SHOWS = re.compile(r"(\S+) shows at (\S+) a certificate that is (.+)")
NAMES = re.compile(r"(\S+): the subject's certificate names (.+); key (.+); suite (\S+)")
GOOD = "good"


def _notes(evidence: Evidence) -> tuple[str, ...]:
    return evidence.play.notes if evidence.play else ()


def _shown(evidence: Evidence) -> list[tuple[str, str, str]]:
    """Who shows what: party, its address, what its certificate is."""
    found = [SHOWS.fullmatch(one) for one in _notes(evidence)]
    return [(one[1], one[2], one[3]) for one in found if one]


def _trusting(evidence: Evidence, method: str) -> Iterator[Ruling]:
    """Requests reach those with good certificates; of the others each is tried, and nothing reaches it."""
    sent = {one.event.destination: one.event for one in reversed(list(told(evidence, method)))}
    shown = _shown(evidence)
    good = next((sent[end] for _, end, kind in shown if kind == GOOD and end in sent), None)
    for name, end, kind in shown:
        if kind == GOOD:
            continue
        if end in sent:
            yield wrong(
                sent[end], why=f"a certificate that is {kind} does not matter", expected=f"no {method}", seen=method
            )
        elif good is None or not evidence.alive_after(good):
            yield unclear(why="the subject does not do it where the certificate is good, or does not live any more")
        elif not any(one.startswith(f"{name}: the handshake") for one in _notes(evidence)):
            yield unclear(why=f"the subject did not try to reach who shows a certificate that is {kind}")
        else:
            yield right(good, why=f"{method} goes to good certificates only")


@check(
    "rfc3261/s26_3_1/certificates-checked", "Who speaks TLS has root certificates, and checks by them with whom it speaks.", "rfc3261:26.3.1/5",
    needs="a subject that trusts the harness' authority and calls over TLS", role=CLIENT, scenarios=("user-agent/calls-by-certificate",),
)  # fmt: skip
def certificates_checked(evidence: Evidence) -> Iterator[Ruling]:
    """No INVITE goes to certificates that are expired, of a foreign authority, or of another site."""
    return _trusting(evidence, "INVITE")


@check(
    "rfc3261/s26_3_2_1/registers-with-trusted", "No REGISTER goes to a registrar whose certificate is not valid, or of another site.",
    "rfc3261:26.3.2.1/4", needs="a subject that trusts the harness' authority and registers over TLS", role=CLIENT,
    scenarios=("user-agent/registers-by-certificate",),
)  # fmt: skip
def registers_with_trusted(evidence: Evidence) -> Iterator[Ruling]:
    """Expired, of a foreign authority, of another site; what is revoked is told outside of SIP, and not played."""
    return _trusting(evidence, "REGISTER")


@check(
    "rfc3261/s26_3_2_1/site-of-domain", "The certificate of a registrar is of a site within the domain that is registered with.",
    "rfc3261:26.3.2.1/2b", needs="a connection over TLS to a registrar whose domain is known", role="registrar",
    scenarios=("registrar/certificate",),
)  # fmt: skip
def site_of_domain(evidence: Evidence) -> Iterator[Ruling]:
    """The names of the certificate, against the domain of the REGISTER."""
    for one in evidence.asked("named"):
        domain = one.request.request_uri.partition(":")[2].partition(";")[0].lower()
        for found in filter(None, map(NAMES.fullmatch, _notes(evidence))):
            names = found[2].split(", ")
            if any(name == domain or name.endswith(f".{domain}") for name in names):
                yield right(one.event)
            else:
                yield wrong(one.event, why="the site is not of the domain", expected=domain, seen=found[2])
            break


@check(
    "rfc3261/s26_3_1/registrar-mutual", "A registrar speaks TLS with clients that have a certificate and with those that have none.",
    "rfc3261:26.3.1/1b", "rfc3261:26.3.1/5", needs="a registrar that asks for certificates at one place and at another not", role="registrar",
    scenarios=("registrar/mutual",),
)  # fmt: skip
def registrar_mutual(evidence: Evidence) -> Iterator[Ruling]:
    """Served without a certificate where none is asked for, with a good one where it is; there nobody else is served."""
    served = [one for label in ("one-way", "both-ways") for one in evidence.asked(label)]
    for one in served:
        yield answered_by(evidence, one, 200, 401, 407, why="REGISTER over TLS")
    if not any(one.event.label == "both-ways" and one.final for one in served):
        first = [one.event for one in served][:1]
        yield wrong(*first, why="a good certificate is not taken", expected="an answer", seen="none")
        return
    for label in ("unproved", "foreign"):
        taken = [one for one in evidence.asked(label) if accepted(one) or status_of(one) in (401, 407)]
        for one in taken:
            why = "served without a certificate that counts"
            yield wrong(one.event, why=why, expected="no answer, or a refusal", seen=status_of(one))
        if not taken and evidence.alive_after(served[-1].event):
            yield right(served[-1].event)


@check(
    "rfc3261/s26_2_1/suite", "TLS comes with RSA and AES of 128 bits in CBC mode.", "rfc3261:26.2.1/1",
    needs="a subject with an RSA key that is reached over TLS", role="transport", scenarios=("user-agent/old-suite", "registrar/old-suite"),
)  # fmt: skip
def suite(evidence: Evidence) -> Iterator[Ruling]:
    """A connection that offers nothing else carries a request; today's advice is against it, so a refusal is not worse than nonstrict."""
    keys = [found[3] for found in map(NAMES.fullmatch, _notes(evidence)) if found]
    usual = next(iter(evidence.labelled("probe")), None)
    answered = [one for one in evidence.asked("old-suite") if one.final]
    if answered:
        yield right(answered[0].event)
    elif usual is None or not keys:
        return
    elif keys[0] != "RSA":
        yield unclear(usual, why=f"the subject's key is of {keys[0]}, and the suite needs one of RSA")
    elif evidence.alive_after(usual):
        seen = next((one for one in _notes(evidence) if one.startswith("over ")), "no answer")
        yield wrong(usual, why="the suite is refused", expected="an answer", seen=seen, level=Level.SHOULD)
