"""Subscriptions that somebody has yet to allow (RFC 6665, section 4.2.1.3)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.notifier.steps import MOMENT, change, rest, subscribe
from conformance.live.scenarios.user_agent.steps import ask
from conformance.live.stage import Stage


@scenario(
    "notifier/pending",
    what="A subscription waits for its permission, is refreshed meanwhile, and is allowed.",
    role="notifier",
    needs=("trigger",),
)
def pending(stage: Stage) -> None:
    """NOTIFY at once; a change of which nothing is told; a refresh and its NOTIFY; the state once it is allowed; a change."""
    stage.configure(pending=True)
    watcher = stage.party("watcher")
    made = subscribe(watcher)
    made.notified()
    rest(stage, made)
    change(stage)
    made.all(MOMENT)
    made.refresh()
    made.notified()
    rest(stage, made)
    ask(watcher, watcher.request("OPTIONS"), label="before-grant")
    stage.trigger("grant", uri=stage.subject.uri)
    made.maybe(stage.budget)
    rest(stage, made)
    change(stage, 2)
    made.maybe()
    made.end()


@scenario(
    "notifier/pending-ended",
    what="A subscription is ended before it is allowed.",
    role="notifier",
    needs=("trigger",),
)
def pending_ended(stage: Stage) -> None:
    """NOTIFY of the end, and nothing when it is allowed later."""
    stage.configure(pending=True)
    watcher, other = stage.party("watcher"), stage.party("other")
    made, stays = subscribe(watcher), subscribe(other)
    made.notified()
    stays.notified()
    made.end()
    rest(stage, stays)
    ask(watcher, watcher.request("OPTIONS"), label="before-grant")
    stage.trigger("grant", uri=stage.subject.uri)
    stays.maybe(stage.budget)
    made.all(MOMENT)
    stays.end()
    stage.alive(watcher)


@scenario(
    "notifier/denied",
    what="A subscription that waits for its permission is not allowed.",
    role="notifier",
    needs=("trigger",),
)
def denied(stage: Stage) -> None:
    """NOTIFY at once, and a last one; then a sane request."""
    stage.configure(pending=True)
    watcher = stage.party("watcher")
    made = subscribe(watcher)
    made.notified()
    rest(stage, made)
    ask(watcher, watcher.request("OPTIONS"), label="before-denial")
    stage.trigger("deny", uri=stage.subject.uri)
    made.all(stage.budget)
    stage.alive(watcher)
