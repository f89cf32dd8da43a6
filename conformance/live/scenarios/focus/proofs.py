"""Who may call a conference has to prove who it is (RFC 4579, section 5.1; from memory)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.focus.steps import FOCUS, dial, join, joined, leave
from conformance.live.scenarios.notifier.proofs import guarded, proof
from conformance.live.scenarios.user_agent.steps import ask
from conformance.live.stage import Stage


@scenario("focus/proof", what="A call and a REFER without proof, a call with it.", role=FOCUS, needs=("credentials",))
def proof_(stage: Stage) -> None:
    """Only who proves to be the user is let in, and nobody is called for a stranger."""
    guarded(stage)
    first, other = stage.party("first"), stage.party("other")
    answer = dial(first, label="unproved")
    if (answer.status or 0) < 300 and first.last is not None:
        leave(joined(first, first.last, answer))
    dialog = join(first, stage.subject.uri, headers=[proof(first, answer, "INVITE", stage.subject.uri)], label="proved")
    refer = other.request("REFER", dialog.target, headers=[("Refer-To", "<sip:somebody@example.org>")])
    ask(other, refer, label="unproved-refer")
    leave(dialog)
    stage.alive(other)
