"""The course of subscriptions: made, refreshed, ended, left to expire (RFC 6665, sections 4.1.2 and 4.2.1)."""

from __future__ import annotations

from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.notifier.steps import MOMENT, asking, change, notify, rest, subscribe, watch
from conformance.live.scenarios.user_agent.steps import attempt
from conformance.live.stage import Stage
from conformance.live.wants import NotSeen, final
from conformance.live.writing import Row

NOTIFIER = "notifier"


@scenario("notifier/subscribe", what="A subscription is made, refreshed and ended.", role=NOTIFIER)
def subscribe_(stage: Stage) -> None:
    """SUBSCRIBE, NOTIFY; refresh, NOTIFY; Expires: 0, NOTIFY; then quiet."""
    watcher = stage.party("watcher")
    made = watch(watcher)
    stage.wait(7.0)
    made.all()
    made.refresh()
    made.all(stage.budget)
    made.end()
    watcher.silence(2.0)
    stage.alive(watcher)


@scenario("notifier/plain", what="A SUBSCRIBE without Expires and without Accept.", role=NOTIFIER)
def plain(stage: Stage) -> None:
    """The package's own time and type of body; then it is ended."""
    made = subscribe(stage.party("watcher"), expires=None, label="plain")
    made.notified()
    made.end()


@scenario("notifier/fetch", what="The state is fetched, without a lasting subscription.", role=NOTIFIER)
def fetch(stage: Stage) -> None:
    """SUBSCRIBE with Expires: 0, one NOTIFY; a SUBSCRIBE in that dialog comes too late."""
    watcher = stage.party("watcher")
    made = subscribe(watcher, expires="0", label="fetch")
    made.notified()
    watcher.silence(1.0)
    made.refresh(label="too-late")
    stage.alive(watcher)


@scenario(
    "notifier/durations", what="Very short and very long times are asked for, at first and in refreshes.", role=NOTIFIER
)
def durations(stage: Stage) -> None:
    """One second, the shortest allowed, the longest there is; a refused refresh leaves the subscription as it was."""
    watcher = stage.party("watcher")
    message = asking(watcher, expires="1")
    watcher.send(message, label="brief")
    answer = attempt(watcher, final(to=message))
    if answer is not None and answer.status == 423 and answer.has("min-expires"):
        least = subscribe(watcher, expires=answer.lines("min-expires")[0], label="least")
        least.notified()
        least.end()
    elif answer is not None and (answer.status or 0) < 300:
        watcher.dialog(message, answer).ended = True
        stage.wait(2.5)
    other = stage.party("other")
    made = subscribe(other, expires="4294967295", label="long")
    made.notified()
    refused = made.refresh("1", label="brief-refresh")
    if refused is not None and refused.status == 423:
        made.refresh(label="refresh-after-423")
        made.all(stage.budget)
    made.end()


@scenario("notifier/expiry", what="A subscription is left to expire.", role=NOTIFIER, slow=True)
def expiry(stage: Stage) -> None:
    """The shortest that is granted; NOTIFY of the end; a refresh behind it comes too late."""
    watcher = stage.party("watcher")
    made = watch(watcher, expires="60")
    granted = made.answer.lines("expires")
    seconds = int(granted[0]) if granted and granted[0].isdigit() else 60
    if seconds > 300:
        raise NotSeen(f"{seconds} s were granted where 60 were asked for")
    stage.note(f"granted {seconds}")
    made.maybe(seconds + stage.budget)
    made.refresh(label="too-late")
    stage.alive(watcher)


@scenario(
    "notifier/changes", what="The state changes while two watch; one of them ends its subscription.", role=NOTIFIER
)
def changes(stage: Stage) -> None:
    """Both are told of two changes, one of a third; a refresh in between is answered with the whole state."""
    one, other = watch(stage.party("watcher")), watch(stage.party("other"))
    for number in (1, 2):
        rest(stage, one, other)
        change(stage, number)
        one.notified()
        other.notified()
    one.refresh()
    one.notified()
    other.end()
    rest(stage, one)
    change(stage, 3)
    one.notified()
    other.party.silence(MOMENT)
    one.end()


@scenario("notifier/burst", what="The state changes four times within a second.", role=NOTIFIER)
def burst(stage: Stage) -> None:
    """What comes of it is taken for thirteen seconds."""
    made = watch(stage.party("watcher"))
    rest(stage, made)
    for number in range(1, 5):
        change(stage, number)
        made.maybe(0.2)
    for _ in range(26):
        made.maybe(MOMENT)
    made.end()


@scenario(
    "notifier/moved",
    what="A subscriber has moved: its refresh comes from another place, with another Contact.",
    role=NOTIFIER,
)
def moved(stage: Stage) -> None:
    """The NOTIFY behind the refresh goes to the new one, and so does the last one."""
    made = watch(stage.party("watcher"))
    other = stage.party("moved-here")
    made.party = made.dialog.party = other
    made.refresh(label="moved")
    made.notified()
    made.end()


@scenario("notifier/routed", what="A proxy between has put itself into the route of the subscription.", role=NOTIFIER)
def routed(stage: Stage) -> None:
    """The NOTIFYs come by way of it."""
    watcher, proxy = stage.party("watcher"), stage.party("proxy")
    event, route = ("Event", "conference"), ("Record-Route", f"<{proxy.contact_uri};lr>")
    message = asking(watcher, headers=[*_vias(proxy, watcher), route])
    proxy.send(message, label="routed")
    answer = proxy.expect(final(200, to=message))
    dialog = watcher.dialog(message, answer)
    dialog.ended = True
    proxy.respond(proxy.expect(notify(message.call_id)), 200)
    dialog.routes.clear()
    last = dialog.request("SUBSCRIBE", headers=[*_vias(proxy, watcher), event, ("Expires", "0")])
    proxy.send(last, label="unsubscribe")
    proxy.expect(final(200, to=last))
    proxy.respond(proxy.expect(notify(message.call_id)), 200)
    stage.alive(watcher)


def _vias(proxy: Party, watcher: Party) -> list[Row]:
    """The Vias of what came through a proxy."""
    return [("Via", proxy.via()), ("Via", watcher.via())]
