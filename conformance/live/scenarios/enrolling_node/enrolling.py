"""A node fetches its configuration and asks for a certificate (RFC 6940, sections 11.2 and 11.3)."""

from __future__ import annotations

import contextlib
import datetime

from conformance.live.enrolment.serving import NodeStage
from conformance.live.network.authority import ELSEWHERE
from conformance.live.overlay.authority import Overlay
from conformance.live.scenario import scenario
from conformance.live.wants import NotClaimed, NotSeen

ROLE = "enrolling-node"
NEEDS = ("start",)
QUIET = 4.0
"""Seconds in which who is not deterred would have gone on."""
SOON = 15.0
"""Seconds until a configuration expires that is to be fetched anew."""


@scenario("enrolling-node/enrols", what="A node gets its configuration and a certificate.", role=ROLE, virtual=False, needs=NEEDS)  # fmt: skip
def enrols(stage: NodeStage) -> None:
    """With an account."""
    stage.start()
    stage.asked("configuration")
    stage.asked("enrolment")
    stage.ended()


@scenario("enrolling-node/several", what="A node wants three Node-IDs.", role=ROLE, virtual=False, needs=NEEDS)
def several(stage: NodeStage) -> None:
    """In one certificate."""
    stage.start(count=3)
    stage.asked("enrolment")
    stage.ended()


@scenario(
    "enrolling-node/configuration-elsewhere",
    what="The configuration server's certificate is for another site than its URL says.", role=ROLE, virtual=False,
    needs=NEEDS,
)  # fmt: skip
def configuration_elsewhere(stage: NodeStage) -> None:
    """Started anew, the subject finds a certificate for its URL."""
    stage.directory.certificate = ELSEWHERE
    stage.start()
    with contextlib.suppress(NotSeen):
        stage.asked("configuration", QUIET)
    stage.again()
    stage.asked("configuration")
    stage.ended()


@scenario(
    "enrolling-node/enrolment-elsewhere", what="The enrolment server's certificate is not for the overlay.", role=ROLE,
    virtual=False, needs=NEEDS,
)  # fmt: skip
def enrolment_elsewhere(stage: NodeStage) -> None:
    """It names the address that the configuration says; started anew, the subject finds one for the overlay."""
    stage.office.names = (stage.office.end[0],)
    stage.start()
    stage.asked("configuration")
    with contextlib.suppress(NotSeen):
        stage.asked("enrolment", QUIET)
    stage.again()
    stage.asked("enrolment")
    stage.ended()


@scenario(
    "enrolling-node/wrong-configurations", what="What is served is the configuration of another overlay, or none at all.",
    role=ROLE, virtual=False, needs=NEEDS,
)  # fmt: skip
def wrong_configurations(stage: NodeStage) -> None:
    """The subject is started three times; the third time the configuration is right."""
    other = Overlay(stage.now, "elsewhere.example.net")
    for octets in (stage.configured(other).octets(), stage.configured().octets()[:-40]):
        stage.document = lambda octets=octets: octets  # type: ignore[misc]
        stage.start()
        with contextlib.suppress(NotSeen):
            stage.asked("enrolment", QUIET)
    stage.again()
    stage.asked("enrolment")
    stage.ended()


@scenario(
    "enrolling-node/soon-expired", what="A configuration expires soon, and the node stays.", role=ROLE, virtual=False,
    slow=True, needs=NEEDS,
)  # fmt: skip
def soon_expired(stage: NodeStage) -> None:
    """It is waited until then."""
    end = stage.now + SOON
    written = datetime.datetime.fromtimestamp(end, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stage.document = lambda: stage.configured(expiration=written).octets()
    stage.start()
    stage.asked("configuration")
    stage.until(lambda: stage.now > end or None, SOON + 1)
    if stage.over:
        raise NotClaimed("the command ends once it has enrolled, and cannot fetch anything anew")
