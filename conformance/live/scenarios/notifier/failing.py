"""NOTIFYs that fail: refused, or never answered (RFC 6665, section 4.2.2)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.notifier.steps import Watch, change, subscribe, watch
from conformance.live.stage import Stage

NOTIFIER = "notifier"
ENDING = (404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604)
"""Answers to NOTIFY that end its subscription."""


def _refused(stage: Stage, made: Watch, status: int) -> None:
    made.notified(status=status)
    stage.note(f"refused {status}")
    made.party.silence(1.0)


@scenario(
    "notifier/notify-481",
    what="The first NOTIFY of a subscription is refused with 481; then the state changes.",
    role=NOTIFIER,
)
def notify_481(stage: Stage) -> None:
    """No further NOTIFY comes, and a refresh comes too late; another watcher is told as before."""
    watcher = stage.party("watcher")
    other = watch(stage.party("other"))
    made = subscribe(watcher, label="refused-subscribe")
    _refused(stage, made, 481)
    stage.wait(6.0)
    change(stage)
    other.notified()
    watcher.silence(6.0)
    made.refresh(label="after-refusal")
    other.end()
    stage.alive(watcher)


@scenario(
    "notifier/notify-refused", what="NOTIFYs are refused with each status that ends a subscription.", role=NOTIFIER
)
def notify_refused(stage: Stage) -> None:
    """One subscription for each; a refresh of each comes too late."""
    for status in ENDING:
        made = subscribe(stage.party(f"watcher-{status}"), label="refused-subscribe")
        _refused(stage, made, status)
        made.refresh(label="after-refusal")
    stage.alive()


@scenario("notifier/notify-500", what="A NOTIFY is refused with 500 and Retry-After.", role=NOTIFIER)
def notify_500(stage: Stage) -> None:
    """The subscription goes on: a refresh is granted, and a change told."""
    made = subscribe(stage.party("watcher"), label="subscribe")
    made.notified(status=500, headers=[("Retry-After", "2")])
    made.all(4.0)
    made.refresh(label="after-500")
    made.all(stage.budget)
    stage.wait(6.0)
    change(stage)
    made.maybe()
    made.end()


@scenario("notifier/notify-unanswered", what="Nobody answers a NOTIFY.", role=NOTIFIER, slow=True)
def notify_unanswered(stage: Stage) -> None:
    """It is sent again until Timer F; then the subscription is gone: a refresh comes too late."""
    watcher = stage.party("watcher", transport="udp")
    other = watch(stage.party("other"))
    made = subscribe(watcher, label="refused-subscribe")
    watcher.absorbs = False
    watcher.silence(34.0)
    watcher.queue.clear()
    change(stage)
    other.notified()
    watcher.silence(8.0)
    made.refresh(label="after-refusal")
    other.end()
    stage.alive(stage.party("probe"))
