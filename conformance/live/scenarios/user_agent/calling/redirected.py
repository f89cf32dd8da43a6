"""The subject calls and is sent elsewhere or asked who it is (RFC 3261, sections 8.1.3.4, 8.1.3.5, 21.3 and 22)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import (
    attempt,
    called,
    description,
    hang_up,
)
from conformance.live.stage import Stage
from conformance.live.wants import request

AGENT = "user-agent"
TOLD = ("trigger",)


@scenario("user-agent/redirected", what="The subject's call is redirected to another party.", role=AGENT, needs=TOLD)
def redirected(stage: Stage) -> None:
    """302, ACK, INVITE to the new address, which takes the call."""
    callee, other = stage.party("callee"), stage.party("other")
    asked = called(callee)
    callee.respond(asked, 302, [("Contact", other.contact)], label="moved")
    attempt(callee, request("ACK"))
    again = attempt(other, request("INVITE"), 3.0)
    if again is not None:
        answer = other.respond(again, 200, body=description(other))
        attempt(other, request("ACK"))
        hang_up(other.dialog(again, answer))


@scenario(
    "user-agent/redirected-with-parts",
    what="The address of a redirection has a method and headers.",
    role=AGENT,
    needs=TOLD,
)
def redirected_with_parts(stage: Stage) -> None:
    """Neither belongs into the new Request-URI; the unknown parameter does."""
    callee, other = stage.party("callee"), stage.party("other")
    asked = called(callee)
    contact = f"<{other.contact_uri};method=INVITE;keep=me?Subject=moved&Priority=urgent>"
    callee.respond(asked, 302, [("Contact", contact)], label="moved-parts")
    attempt(callee, request("ACK"))
    again = attempt(other, request("INVITE"), 3.0)
    if again is not None:
        other.respond(again, 486)
        attempt(other, request("ACK"))


@scenario("user-agent/redirected-back", what="Two addresses redirect to each other.", role=AGENT, needs=TOLD)
def redirected_back(stage: Stage) -> None:
    """No address is tried a second time."""
    callee, other = stage.party("callee"), stage.party("other")
    asked = called(callee)
    callee.respond(asked, 302, [("Contact", other.contact)], label="moved")
    attempt(callee, request("ACK"))
    again = attempt(other, request("INVITE"), 3.0)
    for _ in range(3):
        if again is None:
            break
        other.respond(again, 302, [("Contact", other.contact)], label="moved-back")
        attempt(other, request("ACK"))
        again = attempt(other, request("INVITE"), 1.5)
    stage.wait(0.5)


@scenario(
    "user-agent/redirected-two",
    what="A redirection offers two addresses, and the first refuses.",
    role=AGENT,
    needs=TOLD,
)
def redirected_two(stage: Stage) -> None:
    """The second is tried."""
    callee, one, two = stage.party("callee"), stage.party("one"), stage.party("two")
    asked = called(callee)
    rows = [("Contact", f"{one.contact};q=0.9"), ("Contact", f"{two.contact};q=0.5")]
    callee.respond(asked, 300, rows, label="moved-two")
    attempt(callee, request("ACK"))
    for party in (one, two):
        again = attempt(party, request("INVITE"), 2.0)
        if again is not None:
            party.respond(again, 480)
            attempt(party, request("ACK"))


@scenario("user-agent/challenged", what="The subject's call is challenged, first by a proxy, then by the callee.", role=AGENT,
          needs=("trigger", "credentials"))  # fmt: skip
def challenged(stage: Stage) -> None:
    """407, then 401, each answered with credentials in a new INVITE; then the call is taken."""
    callee = stage.party("callee")
    realm = stage.subject.domain or "example.org"
    asked = called(callee)
    for status, header, label in ((407, "Proxy-Authenticate", "proxy"), (401, "WWW-Authenticate", "server")):
        value = f'Digest realm="{realm}", nonce="{label}-nonce-of-the-harness", algorithm=MD5, qop="auth"'
        callee.respond(asked, status, [(header, value)], label=f"challenge-{label}")
        attempt(callee, request("ACK"))
        again = attempt(callee, request("INVITE"), 3.0)
        if again is None:
            return
        asked = again
    answer = callee.respond(asked, 200, body=description(callee), label="accepted")
    attempt(callee, request("ACK"))
    stage.wait(0.3)
    stage.trigger("bye")
    bye = attempt(callee, request("BYE"), 2.0)
    if bye is not None:
        callee.respond(bye, 200)
    else:
        hang_up(callee.dialog(asked, answer))


@scenario("user-agent/refused-parts", what="The subject's call is refused because of its body, and because of an extension.", role=AGENT,
          needs=TOLD)  # fmt: skip
def refused_parts(stage: Stage) -> None:
    """415 and 420, each to a call of its own; what the subject tries then is refused for good."""
    callee = stage.party("callee")
    for status, rows in ((415, [("Accept", "application/sdp")]), (420, [("Unsupported", "nothing-i-sent")])):
        asked = called(callee)
        callee.respond(asked, status, rows, label="refused")
        attempt(callee, request("ACK"))
        again = attempt(callee, request("INVITE"), 1.5)
        if again is not None:
            callee.respond(again, 486)
            attempt(callee, request("ACK"))
        stage.wait(0.3)
