"""What whoever runs a focus decides: who may join, whom it calls, when it is over (RFC 4579, section 5; from memory)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.focus.steps import (
    FOCUS,
    called,
    conference,
    dial,
    follow,
    join,
    joined,
    leave,
    take,
    watch,
)
from conformance.live.scenarios.user_agent.steps import attempt
from conformance.live.stage import Stage
from conformance.live.wants import request


@scenario("focus/lock", what="A conference is locked, and opened again.", role=FOCUS, needs=("trigger",))
def lock(stage: Stage) -> None:
    """Nobody can join a locked one; who is in stays; behind the opening there is room again."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    stage.trigger("lock", uri=uri)
    second = stage.party("second")
    answer = dial(second, uri, label="join-locked")
    if (answer.status or 0) < 300 and second.last is not None:
        leave(joined(second, second.last, answer))
    follow(made)
    stage.trigger("unlock", uri=uri)
    dialog = join(second, uri, label="join-unlocked")
    follow(made)
    made.end()
    leave(dialog)
    leave(first)


@scenario("focus/capacity", what="A conference has room for two.", role=FOCUS, needs=("trigger",))
def capacity(stage: Stage) -> None:
    """The third is turned away; when one leaves there is room."""
    first, uri = conference(stage)
    stage.trigger("limit", uri=uri, number="2")
    second, third = stage.party("second"), stage.party("third")
    dialog = join(second, uri)
    answer = dial(third, uri, label="join-full")
    if (answer.status or 0) < 300 and third.last is not None:
        leave(joined(third, third.last, answer))
    leave(dialog)
    stage.wait(1.0)
    leave(join(third, uri, label="join-room"))
    leave(first)


@scenario(
    "focus/ended", what="The focus ends a conference of two while somebody watches.", role=FOCUS, needs=("trigger",)
)
def ended(stage: Stage) -> None:
    """BYE to both, a last NOTIFY to the watcher."""
    first, uri = conference(stage)
    second = join(stage.party("second"), uri)
    made = watch(stage.party("watcher"), uri)
    follow(made)
    stage.trigger("bye", uri=uri)
    stage.note("ended by its focus")
    for dialog in (first, second):
        bye = attempt(dialog.party, request("BYE"), 2 * stage.budget)
        if bye is not None:
            dialog.party.respond(bye, 200)
            dialog.ended = True
    follow(made)
    stage.alive(first.party)


@scenario("focus/invites", what="The focus calls somebody by itself.", role=FOCUS, needs=("trigger",))
def invites(stage: Stage) -> None:
    """The INVITE shows the conference; who was called is shown, and leaves."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    other = stage.party("other")
    stage.trigger("invite", uri=other.contact_uri, target=uri)
    invite = called(other)
    other.respond(invite, 180)
    stage.wait(0.5)
    dialog = take(other, invite)
    follow(made)
    leave(dialog)
    follow(made)
    made.end()
    leave(first)
