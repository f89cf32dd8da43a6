"""Asking for capabilities (RFC 3261, section 11)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.stage import Stage
from conformance.live.wants import final


@scenario("user-agent/options", what="OPTIONS outside of a dialog is answered.", role="user-agent")
def options(stage: Stage) -> None:
    """One question, one answer."""
    caller = stage.party("caller")
    ask = caller.request("OPTIONS", stage.subject.uri, headers=[("Accept", "application/sdp")])
    caller.send(ask, label="ask")
    caller.expect(final(to=ask))
    stage.alive(caller)
