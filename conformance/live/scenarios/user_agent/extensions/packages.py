"""INFO packages of both sides: what is invited, for how long, by whom, and what a refused change leaves (RFC 6086)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.live.dialog import Dialog
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.acting.steps import bindings, registering
from conformance.live.scenarios.user_agent.steps import (
    SETTLING,
    ask,
    attempt,
    automatic,
    call,
    called,
    description,
    hang_up,
    invite,
    manual,
)
from conformance.live.stage import Stage
from conformance.live.wants import NotClaimed, final, provisional, request
from conformance.live.writing import Row

AGENT = "user-agent"
FIRST, SECOND = "x-first", "x-second"
"""Packages that nobody else has."""
OWN, PLAIN = "application/x-first", "text/plain"
"""What the first one can carry; the second one has plain text alone."""
UNUSABLE = ["m=audio 40000 RTP/AVP 96", "a=rtpmap:96 X-NOBODY-KNOWS/8000"]


def knowing(stage: Stage) -> Party:
    """The party that calls or is called by a subject that takes both packages."""
    stage.configure(info_packages={FIRST: [PLAIN, OWN], SECOND: [PLAIN]})
    return stage.party("peer")


def inform(dialog: Dialog, package: str, label: str, kind: str = PLAIN) -> None:
    """An INFO of a package with a body, and its answer."""
    rows = [("Info-Package", package), ("Content-Type", kind), ("Content-Disposition", "Info-Package")]
    ask(dialog.party, dialog.request("INFO", headers=rows, body=b"x"), label=label)


def sent(party: Party, package: str) -> bool:
    """Whether the subject sends an INFO of a package when it is told to."""
    try:
        party.stage.trigger("info", uri=party.contact_uri, package=package, type=PLAIN, body="x")
    except NotClaimed as refusal:
        party.stage.note(f"no INFO of {package}: {refusal}")
    theirs = attempt(party, request("INFO"), 1.0)
    if theirs is not None:
        party.respond(theirs, 200)
    return theirs is not None


def takes(party: Party, names: str, version: int, status: int = 200) -> None:
    """The subject wants to take other packages from now on: its re-INVITE, answered with a status."""
    party.stage.trigger("packages", names=names)
    theirs = party.expect(request("INVITE"), 2 * party.stage.budget)
    taken = status < 300
    rows = [("Recv-Info", "")] if taken else []
    party.respond(theirs, status, rows, description(party, version=version) if taken else b"")
    attempt(party, request("ACK"))
    party.stage.wait(SETTLING)


def change(dialog: Dialog, label: str, headers: Sequence[Row], body: bytes, method: str = "INVITE") -> None:
    """A re-INVITE or UPDATE of the party, and its answer."""
    rows = [*headers, ("Contact", f"<{dialog.party.contact_uri}>")] if method == "UPDATE" else headers
    ask(dialog.party, dialog.request(method, headers=rows, body=body), label=label)
    dialog.party.stage.wait(SETTLING)


@scenario(
    "user-agent/package-types",
    what="INFO of packages that the subject takes, with each of their types of body, and with one of another package.",
    role=AGENT,
)
def package_types(stage: Stage) -> None:
    """Then BYE."""
    peer = knowing(stage)
    dialog = call(peer, headers=[("Recv-Info", "")])
    for package, kind in ((FIRST, PLAIN), (FIRST, OWN), (SECOND, PLAIN)):
        inform(dialog, package, "info-own-type", kind)
    inform(dialog, SECOND, "info-other-type", OWN)
    hang_up(dialog)


@scenario(
    "user-agent/packages-stand",
    what="INFO of a package after changes of the call, with and without Recv-Info, until the subject takes it no more.",
    role=AGENT,
    needs=("trigger",),
)
def packages_stand(stage: Stage) -> None:
    """Re-INVITE and UPDATE of the caller, a re-INVITE of the subject, an hour; then the packages are withdrawn one by one."""
    peer = knowing(stage)
    dialog = call(peer, headers=[("Recv-Info", FIRST)])
    inform(dialog, FIRST, "info-invited")
    change(dialog, "plain-change", (), description(peer, version=2))
    inform(dialog, FIRST, "info-invited")
    change(dialog, "telling-change", [("Recv-Info", FIRST)], description(peer, version=3))
    change(dialog, "telling-update", [("Recv-Info", "")], b"", "UPDATE")
    inform(dialog, FIRST, "info-invited")
    takes(peer, f"{FIRST},{SECOND}", 4)
    stage.wait(60.0 if stage.virtual else 2.0)
    inform(dialog, FIRST, "info-invited")
    takes(peer, SECOND, 5)
    inform(dialog, FIRST, "info-withdrawn")
    inform(dialog, SECOND, "info-invited")
    takes(peer, "", 6)
    inform(dialog, SECOND, "info-withdrawn")
    hang_up(dialog)


@scenario(
    "user-agent/packages-not-changed",
    what="The subject wants to take other packages, and its re-INVITE is refused.",
    role=AGENT,
    needs=("trigger",),
)
def packages_not_changed(stage: Stage) -> None:
    """It takes both, then none (refused), then the second one, then the first one (refused)."""
    peer = knowing(stage)
    dialog = call(peer, headers=[("Recv-Info", "")])
    takes(peer, "", 2, 488)
    inform(dialog, FIRST, "info-as-before")
    takes(peer, SECOND, 2)
    takes(peer, FIRST, 3, 488)
    inform(dialog, SECOND, "info-as-before")
    inform(dialog, FIRST, "info-of-refused")
    hang_up(dialog)


@scenario(
    "user-agent/sends-package",
    what="The subject sends INFO of a package that its peer takes, while and after the peer wants to take another one.",
    role=AGENT,
    needs=("trigger",),
)
def sends_package(stage: Stage) -> None:
    """The change comes with an unusable offer, and with a good one; then nothing is taken any more."""
    peer = knowing(stage)
    dialog = call(peer, headers=[("Recv-Info", FIRST)])
    found = [sent(peer, FIRST), sent(peer, SECOND)]
    change(dialog, "unusable-change", [("Recv-Info", SECOND)], description(peer, version=2, media=UNUSABLE))
    found += [sent(peer, FIRST), sent(peer, SECOND)]
    change(dialog, "telling-change", [("Recv-Info", SECOND)], description(peer, version=3))
    found += [sent(peer, SECOND), sent(peer, FIRST)]
    change(dialog, "telling-change", [("Recv-Info", "")], description(peer, version=4))
    found += [sent(peer, SECOND), sent(peer, FIRST)]
    if not any(found):
        raise NotClaimed("the subject sends no INFO of a package")
    hang_up(dialog)


@scenario(
    "user-agent/called-forks-invite",
    what="Two forks of a call of the subject take different packages; the second one answers.",
    role=AGENT,
    needs=("trigger",),
)
def called_forks_invite(stage: Stage) -> None:
    """INFO of both packages is tried."""
    peer = knowing(stage)
    asked = called(peer)
    for tag, package in (("first-fork", FIRST), ("second-fork", SECOND)):
        peer.respond(asked, 180, [("Recv-Info", package)], tag=tag)
        stage.wait(SETTLING)
    answer = peer.respond(asked, 200, [("Recv-Info", SECOND)], description(peer), tag="second-fork")
    peer.expect(request("ACK"))
    dialog = peer.dialog(asked, answer)
    stage.wait(SETTLING)
    if not any([sent(peer, SECOND), sent(peer, FIRST)]):
        raise NotClaimed("the subject sends no INFO of a package")
    hang_up(dialog)


@scenario(
    "user-agent/packages-rung",
    what="A call with Recv-Info whose caller requires reliable provisional responses is answered by hand.",
    role=AGENT,
    needs=("trigger",),
)
def packages_rung(stage: Stage) -> None:
    """180 and PRACK, then 200; INFO, and BYE."""
    peer = knowing(stage)
    manual(stage)
    asked = invite(peer, headers=[("Require", "100rel"), ("Recv-Info", "")], label="ringing")
    early = peer.expect(provisional(180, 183, to=asked))
    dialog = peer.dialog(asked, early)
    if early.has("rseq"):
        ask(peer, dialog.request("PRACK", headers=[("RAck", f"{early.lines('rseq')[0]} {asked.lines('cseq')[0]}")]))
    stage.trigger("answer")
    answer = peer.expect(final(200, to=asked))
    peer.ack(asked, answer)
    automatic(stage)
    inform(dialog, FIRST, "info-invited")
    hang_up(dialog)


@scenario(
    "user-agent/registers-packages",
    what="A subject that takes packages registers.",
    role=AGENT,
    needs=("trigger",),
)
def registers_packages(stage: Stage) -> None:
    """REGISTER and 200; a call shows that it takes them."""
    registrar = knowing(stage)
    asked = registering(registrar)
    registrar.respond(asked, 200, bindings(asked, 120))
    hang_up(call(stage.party("caller"), headers=[("Recv-Info", "")]))
