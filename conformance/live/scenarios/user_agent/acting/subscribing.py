"""The subject subscribes to the state of a conference at the harness (RFC 6665, section 4.1)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.acting.steps import (
    end_subscription,
    granted,
    notice,
    over,
    standing,
    subscribing,
)
from conformance.live.scenarios.user_agent.steps import ask, attempt
from conformance.live.stage import Stage
from conformance.live.wants import request

AGENT = "user-agent"
TOLD = ("trigger",)


@scenario(
    "user-agent/subscribes",
    what="The subject subscribes, refreshes, and ends its subscription.",
    role=AGENT,
    needs=TOLD,
)
def subscribes(stage: Stage) -> None:
    """A minute is granted; the refresh comes before it is over; then Expires: 0 and the last NOTIFY."""
    dialog, asked = standing(stage, 60)
    notifier = dialog.party
    again = attempt(notifier, request("SUBSCRIBE"), 61.0)
    if again is not None:
        notifier.respond(again, 200, [("Expires", "60")], label="granted")
        ask(notifier, notice(dialog, asked, "active;expires=60"), label="notice")
    stage.trigger("unsubscribe")
    last = attempt(notifier, request("SUBSCRIBE"))
    if last is not None:
        notifier.respond(last, 200, [("Expires", "0")], label="granted")
    ask(notifier, notice(dialog, asked, "terminated;reason=timeout"), label="notice")
    dialog.ended = True
    stage.wait(1.0)


@scenario(
    "user-agent/refreshes", what="The subject refreshes its subscription long before it is due.", role=AGENT, needs=TOLD
)
def refreshes(stage: Stage) -> None:
    """Ten minutes are granted, twice."""
    dialog, asked = standing(stage, 600)
    notifier = dialog.party
    stage.trigger("refresh")
    again = notifier.expect(request("SUBSCRIBE"), 2 * stage.budget)
    notifier.respond(again, 200, [("Expires", "600")], label="granted")
    ask(notifier, notice(dialog, asked, "active;expires=600"), label="notice")
    end_subscription(dialog, asked)


@scenario(
    "user-agent/subscribes-early", what="The NOTIFY overtakes the answer to the SUBSCRIBE.", role=AGENT, needs=TOLD
)
def subscribes_early(stage: Stage) -> None:
    """It makes the dialog; the 200 comes behind it."""
    notifier = stage.party("notifier")
    asked = subscribing(notifier)
    answer = notifier.response(asked, 200, headers=[("Expires", "60")])
    dialog = notifier.dialog(asked, answer)
    ask(notifier, notice(dialog, asked, "active;expires=60"), label="notice")
    notifier.answer(asked, answer, label="granted")
    ask(notifier, notice(dialog, asked, "active;expires=59"), label="notice")
    end_subscription(dialog, asked)


@scenario(
    "user-agent/subscribes-shortened", what="A NOTIFY says a shorter time than the answer did.", role=AGENT, needs=TOLD
)
def subscribes_shortened(stage: Stage) -> None:
    """600 seconds were granted, and then 20: the refresh comes in time."""
    notifier = stage.party("notifier")
    asked = subscribing(notifier)
    dialog = granted(notifier, asked, 600)
    ask(notifier, notice(dialog, asked, "active;expires=20"), label="shortened")
    again = attempt(notifier, request("SUBSCRIBE"), 21.0)
    if again is not None:
        notifier.respond(again, 200, [("Expires", "600")], label="granted")
        stage.wait(0.2)
    end_subscription(dialog, asked)


@scenario("user-agent/subscribes-forked", what="Two notifiers answer one SUBSCRIBE.", role=AGENT, needs=TOLD)
def subscribes_forked(stage: Stage) -> None:
    """The NOTIFY of the second has another tag than the 200 of the first."""
    dialog, asked = standing(stage, 60)
    notifier = dialog.party
    other = notifier.dialog(asked, notifier.response(asked, 200, tag="fork"))
    ask(notifier, notice(other, asked, "active;expires=60"), label="fork")
    for each in (other, dialog):
        end_subscription(each, asked)


@scenario(
    "user-agent/subscribes-stray",
    what="NOTIFYs of subscriptions that the subject does not have.",
    role=AGENT,
    needs=TOLD,
)
def subscribes_stray(stage: Stage) -> None:
    """Another Call-ID, another package in the dialog, another tag long behind the SUBSCRIBE; then one that is right."""
    dialog, asked = standing(stage, 600)
    notifier = dialog.party
    stray = notifier.request("NOTIFY", headers=[("Event", "conference"), ("Subscription-State", "active;expires=60")])
    ask(notifier, stray, label="stray")
    ask(notifier, notice(dialog, asked, "active;expires=60", event="nobody-knows"), label="other-package")
    stage.wait(40.0 if stage.virtual else 0.5)
    if stage.virtual:
        late = notifier.dialog(asked, notifier.response(asked, 200, tag="late"))
        ask(notifier, notice(late, asked, "active;expires=60"), label="late-fork")
        late.ended = True
    ask(notifier, notice(dialog, asked, "active;expires=500"), label="notice")
    end_subscription(dialog, asked)


@scenario(
    "user-agent/subscribes-without-notice",
    what="A SUBSCRIBE is granted, and no NOTIFY ever comes.",
    role=AGENT,
    needs=TOLD,
    slow=True,
)
def subscribes_without_notice(stage: Stage) -> None:
    """After Timer N the subscription is no more: a NOTIFY that comes then gets 481."""
    notifier = stage.party("notifier")
    asked = subscribing(notifier)
    dialog = granted(notifier, asked, 600)
    stage.wait(33.0)
    ask(notifier, notice(dialog, asked, "active;expires=500"), label="too-late")
    over(dialog, 0.5)
    stage.alive(stage.party("caller"))


@scenario(
    "user-agent/refresh-refused",
    what="The refresh of the subject's subscription is answered with 481.",
    role=AGENT,
    needs=TOLD,
)
def refresh_refused(stage: Stage) -> None:
    """The subscription is over: a NOTIFY for it gets 481."""
    dialog, asked = standing(stage, 20)
    notifier = dialog.party
    again = notifier.expect(request("SUBSCRIBE"), 21.0)
    notifier.respond(again, 481, label="refused")
    stage.wait(0.2)
    ask(notifier, notice(dialog, asked, "active;expires=20"), label="too-late")
    over(dialog, 0.5)
    stage.alive(stage.party("caller"))


@scenario(
    "user-agent/refresh-failed",
    what="The refresh of the subject's subscription is answered with 500.",
    role=AGENT,
    needs=TOLD,
)
def refresh_failed(stage: Stage) -> None:
    """The subscription stands until its time is over: a NOTIFY for it is taken."""
    dialog, asked = standing(stage, 60)
    notifier = dialog.party
    again = notifier.expect(request("SUBSCRIBE"), 61.0)
    notifier.respond(again, 500, label="failed")
    stage.wait(0.2)
    ask(notifier, notice(dialog, asked, "active;expires=5"), label="still-there")
    end_subscription(dialog, asked)
    stage.alive(stage.party("caller"))
