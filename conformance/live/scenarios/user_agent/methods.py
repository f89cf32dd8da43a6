"""Requests outside of dialogs: what a server looks at first (RFC 3261, sections 8.2 and 11)."""

from __future__ import annotations

import gzip

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import (
    ask,
    attempt,
    automatic,
    cancelling,
    description,
    hang_up,
    invite,
    manual,
)
from conformance.live.stage import Stage
from conformance.live.wants import NotSeen, final

AGENT = "user-agent"


@scenario("user-agent/capabilities", what="The capabilities are asked for, with and without Accept.", role=AGENT)
def capabilities(stage: Stage) -> None:
    """Three OPTIONS: plain, with Accept, and one more, whose description has to be a new one."""
    caller = stage.party("caller")
    accept = [("Accept", "application/sdp")]
    for headers in ([], accept, accept):
        ask(caller, caller.request("OPTIONS", headers=headers))


@scenario("user-agent/methods", what="Methods of several extensions are tried, each outside of a dialog.", role=AGENT)
def methods(stage: Stage) -> None:
    """PUBLISH, MESSAGE and REGISTER, which a user agent rarely serves; then a sane request."""
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS"))
    ask(caller, caller.request("REGISTER"))
    ask(caller, caller.request("PUBLISH", headers=[("Event", "presence"), ("Expires", "60")], without=["Contact"]))
    ask(caller, caller.request("MESSAGE", headers=[("Content-Type", "text/plain")], body=b"hello", without=["Contact"]))
    stage.alive(caller)


@scenario("user-agent/unknown-method", what="A method that no specification knows.", role=AGENT)
def unknown_method(stage: Stage) -> None:
    """OPTIONS first, for its Allow; then the method; then a sane request."""
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS"))
    ask(caller, caller.request("NEWMETHOD"))
    stage.alive(caller)


@scenario("user-agent/unknown-header", what="A request with and without a header that nobody knows.", role=AGENT)
def unknown_header(stage: Stage) -> None:
    """Two OPTIONS."""
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS"))
    ask(caller, caller.request("OPTIONS", headers=[("X-Nobody-Knows", 'a;b="c,d"')]))


@scenario("user-agent/unknown-require", what="Requests that require an extension which nobody has.", role=AGENT)
def unknown_require(stage: Stage) -> None:
    """OPTIONS, then INVITE, with Require; then a sane request."""
    caller = stage.party("caller")
    require = [("Require", "nothing-i-support")]
    ask(caller, caller.request("OPTIONS", headers=require))
    answer = ask(caller, caller.request("INVITE", headers=require, body=description(caller)))
    if answer is not None and answer.status == 200:
        hang_up(caller.dialogs[-1])
    stage.alive(caller)


@scenario("user-agent/unknown-user", what="A request for a user that is not there.", role=AGENT)
def unknown_user(stage: Stage) -> None:
    """OPTIONS for an invented user at the subject's address."""
    caller = stage.party("caller")
    host = stage.subject.uri.removeprefix("sip:").rpartition("@")[2]
    ask(caller, caller.request("OPTIONS", f"sip:nobody-here@{host}"))
    stage.alive(caller)


@scenario("user-agent/foreign-to", what="Requests to the subject's address whose To names somebody else.", role=AGENT)
def foreign_to(stage: Stage) -> None:
    """OPTIONS with a To of another domain, then one of a scheme without meaning."""
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS", to="<sip:somebody@elsewhere.example.org>"))
    ask(caller, caller.request("OPTIONS", to="<isbn:2983792873>"))
    stage.alive(caller)


@scenario("user-agent/unknown-scheme", what="A Request-URI of a scheme that nobody knows.", role=AGENT)
def unknown_scheme(stage: Stage) -> None:
    """OPTIONS for a URI that is no SIP URI."""
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS", "nobody-knows-this:total-nonsense", to=f"<{stage.subject.uri}>"))
    stage.alive(caller)


@scenario("user-agent/unknown-body", what="An INVITE whose only body is of an unknown type.", role=AGENT)
def unknown_body(stage: Stage) -> None:
    """It cannot be understood, and nothing says that it may be passed over."""
    caller = stage.party("caller")
    headers = [("Content-Type", "application/x-nobody-knows")]
    answer = ask(caller, caller.request("INVITE", headers=headers, body=b"<audio>\r\n"))
    if answer is not None and answer.status == 200:
        hang_up(caller.dialogs[-1])
    stage.alive(caller)


@scenario("user-agent/no-parts", what="An INVITE whose sender takes session descriptions alone.", role=AGENT)
def no_parts(stage: Stage) -> None:
    """Accept: application/sdp."""
    caller = stage.party("caller")
    answer = ask(caller, caller.request("INVITE", headers=[("Accept", "application/sdp")], body=description(caller)))
    if answer is not None and answer.status == 200:
        hang_up(caller.dialogs[-1])
    stage.alive(caller)


@scenario("user-agent/unknown-coding", what="An INVITE whose offer is coded in an unknown way.", role=AGENT)
def unknown_coding(stage: Stage) -> None:
    """Content-Encoding has a word without meaning."""
    caller = stage.party("caller")
    headers = [("Content-Encoding", "x-nobody-knows")]
    answer = ask(caller, caller.request("INVITE", headers=headers, body=b"\x00\x01\x02\x03"))
    if answer is not None and answer.status == 200:
        hang_up(caller.dialogs[-1])
    stage.alive(caller)


@scenario("user-agent/coded-offer", what="An INVITE whose offer is compressed, and says so.", role=AGENT)
def coded_offer(stage: Stage) -> None:
    """Content-Encoding: gzip, and two streams; then the same offer in the clear."""
    caller = stage.party("caller")
    media = ("m=audio 40000 RTP/AVP 0", "m=video 40002 RTP/AVP 31", "m=audio 40004 RTP/AVP 8")
    plain = description(caller, media=media)
    for body, headers, label in (
        (gzip.compress(plain, mtime=0), [("Content-Encoding", "gzip")], "coded"),
        (plain, [], "plain"),
    ):
        answer = ask(caller, caller.request("INVITE", headers=headers, body=body), label=label)
        if answer is not None and answer.status == 200:
            hang_up(caller.dialogs[-1])
    stage.alive(caller)


@scenario(
    "user-agent/optional-body", what="An OPTIONS with a body of an unknown type that may be passed over.", role=AGENT
)
def optional_body(stage: Stage) -> None:
    """handling=optional."""
    caller = stage.party("caller")
    headers = [("Content-Type", "application/x-nobody-knows"), ("Content-Disposition", "render;handling=optional")]
    ask(caller, caller.request("OPTIONS", headers=headers, body=b"<audio>\r\n"))
    stage.alive(caller)


@scenario("user-agent/merged", what="One INVITE arrives by two ways.", role=AGENT)
def merged(stage: Stage) -> None:
    """Both at once, alike but for the branch, as a fork on the way would make them; the first rings, or is served."""
    manual(stage)
    caller = stage.party("caller")
    first = caller.request("INVITE", body=description(caller))
    rows = [("From", first.lines("from")[0]), ("Call-ID", first.lines("call-id")[0])]
    second = caller.request("INVITE", headers=rows, body=first.body)
    caller.send(first)
    caller.send(second)
    try:
        caller.ack(second, caller.expect(final(to=second)))
    except NotSeen as fault:
        stage.note(str(fault))
    answer = attempt(caller, final(to=first), 0.5)
    if answer is None:
        cancelling(caller, first)
        attempt(caller, final(to=first))
    elif (answer.status or 0) < 300:
        caller.ack(first, answer)
    automatic(stage)
    stage.wait(0.2)


@scenario("user-agent/options-as-invite", what="OPTIONS is answered as INVITE would be.", role=AGENT)
def options_as_invite(stage: Stage) -> None:
    """Both in one state of the subject; the call is ended."""
    automatic(stage)
    caller = stage.party("caller")
    ask(caller, caller.request("OPTIONS"))
    message = invite(caller)
    answer = caller.expect(final(to=message), 2 * stage.budget)
    if answer.status == 200:
        dialog = caller.ack(message, answer)
        assert dialog is not None
        hang_up(dialog)


@scenario(
    "user-agent/unknown-language", what="An INVITE whose offer says that it is in an unknown language.", role=AGENT
)
def unknown_language(stage: Stage) -> None:
    """Who minds says which languages it knows."""
    caller = stage.party("caller")
    automatic(stage)
    answer = ask(caller, caller.request("INVITE", headers=[("Content-Language", "qaa")], body=description(caller)))
    if answer is not None and answer.status == 200:
        hang_up(caller.dialogs[-1])
    stage.alive(caller)
