"""Whoever watches a conference is told who is in (RFC 4575, sections 3.6 and 5; RFC 4579, section 4.3; from memory)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.focus.steps import FOCUS, conference, follow, join, leave, watch
from conformance.live.scenarios.notifier.steps import is_last
from conformance.live.scenarios.user_agent.steps import attempt
from conformance.live.stage import Stage
from conformance.live.wants import request


@scenario(
    "focus/roster", what="Three participants come and go while somebody watches who does not take part.", role=FOCUS
)
def roster(stage: Stage) -> None:
    """First, second and third join; the second leaves, and comes back; a refresh is answered with the whole state."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    follow(made)
    second = join(stage.party("second"), uri)
    follow(made)
    third = join(stage.party("third"), uri)
    follow(made)
    leave(second)
    follow(made)
    back = join(stage.party("second"), uri)
    follow(made)
    made.refresh()
    follow(made)
    for dialog in (third, back):
        leave(dialog)
    follow(made)
    made.end()
    leave(first)


@scenario("focus/roster-crowd", what="Three join at the same time while a participant watches.", role=FOCUS)
def roster_crowd(stage: Stage) -> None:
    """Two watchers, one of them in; both are told the same."""
    first, uri = conference(stage)
    inside, outside = watch(first.party, uri), watch(stage.party("watcher"), uri)
    calls = [join(stage.party(name), uri) for name in ("second", "third", "fourth")]
    for _ in range(2):
        follow(inside, 3.0)
        follow(outside, 3.0)
    for dialog in calls:
        leave(dialog)
    for _ in range(2):
        follow(inside, 3.0)
        follow(outside, 3.0)
    inside.end()
    outside.end()
    leave(first)


@scenario("focus/last-leaves", what="The last participant leaves while somebody watches.", role=FOCUS)
def last_leaves(stage: Stage) -> None:
    """The watcher is told that nobody is left, or that the conference is no more."""
    first, uri = conference(stage)
    made = watch(stage.party("watcher"), uri)
    stage.wait(1.0)
    leave(first)
    for _ in range(4):
        last = made.maybe(3.0)
        if last is not None and is_last(last):
            stage.note("the conference is over")
            return
    made.end()


@scenario(
    "focus/vanished",
    what="A participant's BYE is lost, and it does not answer any more.",
    role=FOCUS,
    slow=True,
    needs=("trigger",),
)
def vanished(stage: Stage) -> None:
    """The focus is made to end all calls: nobody answers its BYE to the second; it gives up, and stays alive."""
    first, uri = conference(stage)
    second = join(stage.party("second", transport="udp"), uri)
    second.party.absorbs = False
    stage.wait(1.0)
    stage.trigger("bye", uri=uri)
    for dialog in (first,):
        bye = attempt(dialog.party, request("BYE"))
        if bye is not None:
            dialog.party.respond(bye, 200)
            dialog.ended = True
    second.party.silence(34.0)
    second.party.queue.clear()
    second.ended = True
    stage.alive(first.party)
