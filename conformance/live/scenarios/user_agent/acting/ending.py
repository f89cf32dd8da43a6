"""Ends of the subject's subscriptions, an old notifier, and a gap in the state (RFC 6665, section 4.1; RFC 4575, section 4.6)."""

from __future__ import annotations

from conformance.live.dialog import Dialog
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.acting.steps import (
    CONFERENCE,
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


def _ended(stage: Stage, state: str, *, wait: float) -> None:
    """A subscription that stands is ended so; what follows in that time is refused."""
    dialog, asked = standing(stage, 600)
    ask(dialog.party, notice(dialog, asked, f"terminated{state}"), label="ended")
    over(dialog, wait, label="anew")
    ask(dialog.party, notice(dialog, asked, "active;expires=500"), label="behind-end")
    stage.alive(stage.party("caller"))


@scenario(
    "user-agent/subscription-deactivated",
    what="The notifier sends the subject to another by reason=deactivated.",
    role=AGENT,
    needs=TOLD,
)
def subscription_deactivated(stage: Stage) -> None:
    """A new SUBSCRIBE follows at once."""
    _ended(stage, ";reason=deactivated", wait=3.0)


@scenario(
    "user-agent/subscription-rejected",
    what="The notifier ends the subscription by reason=rejected.",
    role=AGENT,
    needs=TOLD,
)
def subscription_rejected(stage: Stage) -> None:
    """No SUBSCRIBE follows."""
    _ended(stage, ";reason=rejected", wait=5.0)


@scenario(
    "user-agent/subscription-gone",
    what="The notifier ends the subscription by reason=noresource.",
    role=AGENT,
    needs=TOLD,
)
def subscription_gone(stage: Stage) -> None:
    """No SUBSCRIBE follows."""
    _ended(stage, ";reason=noresource", wait=5.0)


@scenario("user-agent/subscription-postponed", what="The notifier ends the subscription by reason=probation, for twenty seconds.", role=AGENT,
          needs=TOLD)  # fmt: skip
def subscription_postponed(stage: Stage) -> None:
    """No SUBSCRIBE within that time."""
    _ended(stage, ";reason=probation;retry-after=20", wait=25.0)


@scenario(
    "user-agent/subscription-ended-timed",
    what="The NOTIFY that ends the subscription tells a remaining time.",
    role=AGENT,
    needs=TOLD,
)
def subscription_ended_timed(stage: Stage) -> None:
    """It is over all the same."""
    _ended(stage, ";reason=noresource;expires=600", wait=3.0)


@scenario(
    "user-agent/subscription-invariant",
    what="The notifier ends the subscription by reason=invariant.",
    role=AGENT,
    needs=TOLD,
)
def subscription_invariant(stage: Stage) -> None:
    """With retry-after, which means nothing here: no SUBSCRIBE follows."""
    _ended(stage, ";reason=invariant;retry-after=2", wait=6.0)


@scenario("user-agent/subscription-given-up", what="The notifier ends the subscription by reason=giveup, for twenty seconds.", role=AGENT,
          needs=TOLD)  # fmt: skip
def subscription_given_up(stage: Stage) -> None:
    """No SUBSCRIBE within that time."""
    _ended(stage, ";reason=giveup;retry-after=20", wait=25.0)


@scenario("user-agent/subscription-unexplained", what="The notifier ends the subscription without a reason, for twenty seconds.", role=AGENT,
          needs=TOLD)  # fmt: skip
def subscription_unexplained(stage: Stage) -> None:
    """No SUBSCRIBE within that time."""
    _ended(stage, ";retry-after=20", wait=25.0)


@scenario(
    "user-agent/subscribes-old-notifier", what="A notifier of old answers SUBSCRIBE with 202.", role=AGENT, needs=TOLD
)
def subscribes_old_notifier(stage: Stage) -> None:
    """Its NOTIFYs are taken as behind a 200."""
    notifier = stage.party("notifier")
    asked = subscribing(notifier)
    answer = notifier.respond(asked, 202, [("Expires", "60")], label="granted")
    dialog = notifier.dialog(asked, answer)
    ask(notifier, notice(dialog, asked, "pending;expires=60"), label="notice")
    ask(notifier, notice(dialog, asked, "active;expires=60"), label="notice")
    end_subscription(dialog, asked)


def _document(notifier: Party, dialog: Dialog, state: str, version: int, rows: str) -> None:
    """A NOTIFY with a conference document."""
    entity = notifier.contact_uri
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" '
        f'entity="{entity}" state="{state}" version="{version}">{rows}</conference-info>'
    )
    headers = [("Event", "conference"), ("Subscription-State", "active;expires=600"), ("Content-Type", CONFERENCE)]
    ask(notifier, dialog.request("NOTIFY", headers=headers, body=body.encode()), label=f"version-{version}")


@scenario(
    "user-agent/watches-with-gap",
    what="A document of the conference's state is lost on its way.",
    role=AGENT,
    needs=TOLD,
)
def watches_with_gap(stage: Stage) -> None:
    """Version 1 whole, version 3 in part: the subject asks for the whole."""
    notifier = stage.party("notifier")
    asked = subscribing(notifier)
    dialog = granted(notifier, asked, 600)
    first = '<user entity="sip:alice@example.org" state="full"><endpoint entity="sip:alice@192.0.2.1"/></user>'
    second = '<user entity="sip:bob@example.org" state="full"><endpoint entity="sip:bob@192.0.2.2"/></user>'
    _document(notifier, dialog, "full", 1, f"<users>{first}</users>")
    stage.wait(1.0)
    _document(notifier, dialog, "partial", 3, f'<users state="partial">{second}</users>')
    again = attempt(notifier, request("SUBSCRIBE"), 5.0)
    if again is not None:
        notifier.respond(again, 200, [("Expires", "600")], label="granted")
        _document(notifier, dialog, "full", 4, f"<users>{first}{second}</users>")
    end_subscription(dialog, asked)
