"""Ways to a registrar: TLS, Basic, REFER (RFC 3261, sections 22 and 26.3.1; RFC 3515, section 2.5)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by
from conformance.checks.rfc3261.registrar.registrations import REGISTRAR
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check


@check(
    "rfc3261/s22/basic-worthless", "Credentials of the scheme Basic prove nothing.", "rfc3261:22/3a",
    needs="a REGISTER with Basic at a registrar that asks for credentials", role=REGISTRAR, scenarios=("registrar/plain-password",),
)  # fmt: skip
def basic_worthless(evidence: Evidence) -> Iterator[Ruling]:
    """The status: asked again, or refused."""
    for one in evidence.asked("basic"):
        yield answered_by(evidence, one, 401, 403, 400, why="Basic")


@check(
    "rfc3261/s26_3_1/registrar-tls", "TLS is among the transports of a registrar.", "rfc3261:26.3.1/1a", needs="a REGISTER over TLS",
    role=REGISTRAR, scenarios=("registrar/secure",),
)  # fmt: skip
def registrar_tls(evidence: Evidence) -> Iterator[Ruling]:
    """It is answered: accepted, or asked for credentials."""
    for one in evidence.asked("over-tls"):
        yield answered_by(evidence, one, 200, 401, 407, why="REGISTER over TLS")


@check(
    "rfc3515/s02_5/registrar-405", "A registrar refuses a REFER that is sent to it.", "rfc3515:2.5/1", needs="a REFER to the domain",
    level="SHOULD", role=REGISTRAR, scenarios=("registrar/referred",),
)  # fmt: skip
def registrar_405(evidence: Evidence) -> Iterator[Ruling]:
    """405; 501 says as much of who does not know the method."""
    for one in evidence.asked("refer"):
        yield answered_by(evidence, one, 405, 501, why="REFER to a registrar")
