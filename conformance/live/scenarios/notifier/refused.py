"""What a notifier refuses: packages, bodies, places where a subscription cannot be (RFC 6665, sections 4.2.1 and 4.5.2)."""

from __future__ import annotations

from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.notifier.steps import MOMENT, asking, change, subscribe, watch
from conformance.live.scenarios.user_agent.steps import ask, attempt, cancelling
from conformance.live.stage import Stage
from conformance.live.wants import final
from conformance.live.writing import Row, token

NOTIFIER = "notifier"
TYPE = "application/conference-info+xml"


@scenario(
    "notifier/packages",
    what="Packages that nobody knows, no package at all, and what OPTIONS says of packages.",
    role=NOTIFIER,
)
def packages(stage: Stage) -> None:
    """Refusals; then every package of Allow-Events is subscribed to."""
    watcher = stage.party("watcher")
    answer = ask(watcher, watcher.request("OPTIONS"), label="options")
    refused = ask(watcher, asking(watcher, event="nobody-knows"), label="unknown-package")
    ask(watcher, asking(watcher, event="nobody-knows.template"), label="unknown-template")
    ask(watcher, asking(watcher, event=""), label="no-event")
    named: list[str] = []
    for one in (answer, refused):
        named += [str(value) for value in one.values("allow-events")] if one is not None else []
    for number, name in enumerate(dict.fromkeys(["conference", *named])):
        party = stage.party(f"watcher-{number}")
        message = asking(party, event=name, expires="600")
        found = ask(party, message, label="named-package")
        if found is not None and (found.status or 0) < 300:
            _over(party, message.lines("event")[0])
    stage.alive(watcher)


def _over(party: Party, event: str) -> None:
    """End what may be a subscription, and answer its NOTIFYs."""
    from conformance.live.wants import request

    assert party.last is not None
    made = party.last
    for round_ in range(2):
        theirs = attempt(party, request("NOTIFY"), MOMENT)
        if theirs is not None:
            party.respond(theirs, 200)
            if not round_:
                dialog = party.dialog(theirs, party.response(theirs, 200))
                dialog.ended = True
                dialog.number = (made.cseq or (1, ""))[0]
                ask(
                    party,
                    dialog.request("SUBSCRIBE", headers=[("Event", event), ("Expires", "0")]),
                    label="unsubscribe",
                )


@scenario(
    "notifier/bodies",
    what="A subscriber accepts only what the notifier cannot write, everything, or one of several.",
    role=NOTIFIER,
)
def bodies(stage: Stage) -> None:
    """Accept with a foreign type; with */*; with application/*; with the package's own among others."""
    watcher = stage.party("watcher")
    message = asking(watcher, headers=[("Accept", "text/x-nobody-writes")])
    answer = ask(watcher, message, label="foreign-type")
    if answer is not None and (answer.status or 0) < 300:
        _over(watcher, message.lines("event")[0])
    for number, value in enumerate(("*/*", "application/*", f"text/plain;q=0.1, {TYPE}, multipart/mixed")):
        made = subscribe(stage.party(f"watcher-{number}"), headers=[("Accept", value)], label="fitting-type")
        made.notified()
        made.end()


@scenario("notifier/shared", what="A SUBSCRIBE in the dialog of a subscription, with another id.", role=NOTIFIER)
def shared(stage: Stage) -> None:
    """Taken or refused; the first subscription goes on."""
    watcher = stage.party("watcher")
    made = watch(watcher)
    event = made.request.lines("event")[0]
    message = made.dialog.request("SUBSCRIBE", headers=[("Event", f"{event};id=second"), ("Expires", "600")])
    ask(watcher, message, label="second")
    made.all(1.0)
    made.refresh(label="refresh-first")
    made.all(stage.budget)
    made.end()


@scenario(
    "notifier/named",
    what="A subscription whose Event has an id, and a SUBSCRIBE in its dialog whose Event has it not.",
    role=NOTIFIER,
)
def named(stage: Stage) -> None:
    """All NOTIFYs say the id; what has none is no refresh."""
    made = subscribe(stage.party("watcher"), event="conference;id=a1b2", label="with-id")
    made.notified()
    made.refresh()
    made.notified()
    made.end()


@scenario(
    "notifier/stray", what="A SUBSCRIBE inside a dialog that nobody knows, and one with an old number.", role=NOTIFIER
)
def stray(stage: Stage) -> None:
    """481 and 500; the subscription that stands goes on."""
    watcher = stage.party("watcher")
    uri = stage.subject.uri
    rows = [("Event", "conference"), ("Expires", "600")]
    ask(watcher, watcher.request("SUBSCRIBE", headers=rows, to=f"<{uri}>;tag={token()}"), label="stray")
    made = watch(watcher)
    made.refresh()
    made.all(MOMENT)
    made.renew(number=1, label="old-number")
    attempt(watcher, final())
    made.all(MOMENT)
    made.refresh(label="refresh-after-old")
    made.all(MOMENT)
    made.end()


@scenario("notifier/cancelled", what="A CANCEL comes for a SUBSCRIBE.", role=NOTIFIER)
def cancelled(stage: Stage) -> None:
    """It is answered, and the subscription stands: a refresh is granted."""
    watcher = stage.party("watcher")
    message = asking(watcher)
    watcher.send(message, label="subscribe")
    cancelling(watcher, message, label="cancel")
    answer = watcher.expect(final(200, to=message))
    from conformance.live.scenarios.notifier.steps import Watch

    dialog = watcher.dialog(message, answer)
    dialog.ended = True
    made = Watch(watcher, dialog, message, answer)
    made.notified()
    made.refresh()
    made.notified()
    made.end()


BAD: tuple[tuple[str, list[Row]], ...] = (
    ("event-empty", [("Event", "")]),
    ("event-twice", [("Event", "conference"), ("Event", "presence")]),
    ("event-space", [("Event", "con ference")]),
    ("event-separators", [("Event", "conf@erence")]),
    ("expires-text", [("Expires", "soon")]),
    ("expires-negative", [("Expires", "-1")]),
    ("contact-text", [("Contact", "nowhere at all <")]),
    ("contact-star", [("Contact", "*")]),
    ("cseq-method", [("CSeq", "1 NOTIFY")]),
)
"""Names and the rows that are wrong."""


@scenario(
    "notifier/malformed", what="SUBSCRIBEs whose headers break their grammar, or lack what they need.", role=NOTIFIER
)
def malformed(stage: Stage) -> None:
    """One at a time, a sane request behind each; at last a sound subscription."""
    watcher = stage.party("watcher")
    stage.alive(watcher)
    for name, rows in BAD:
        names = {key.lower() for key, _ in rows}
        message = asking(watcher, event="" if "event" in names else "conference", headers=rows,
                         expires=None if "expires" in names else "600")  # fmt: skip
        watcher.send(message, malformed=True, once=True, label=f"bad-{name}")
        attempt(watcher, final(to=message), 1.0)
        _answered(watcher)
        stage.alive(watcher)
    for name in ("contact", "call-id", "from"):
        message = watcher.request("SUBSCRIBE", headers=[("Event", "conference"), ("Expires", "600")], without=[name])
        watcher.send(message, malformed=True, once=True, label=f"bad-no-{name}")
        attempt(watcher, final(to=message), 1.0)
        _answered(watcher)
        stage.alive(watcher)
    made = watch(stage.party("sound"))
    made.end()


def _answered(party: Party) -> None:
    """What came of a SUBSCRIBE that should not have been taken is ended."""
    for theirs in [one for one in party.queue if one.method == "NOTIFY"]:
        party.queue.remove(theirs)
        party.respond(theirs, 481)


@scenario(
    "notifier/strangers", what="Requests inside the dialog of a subscription that do not belong there.", role=NOTIFIER
)
def strangers(stage: Stage) -> None:
    """NOTIFY and BYE towards the notifier, an unknown method; the subscription goes on."""
    watcher = stage.party("watcher")
    made = watch(watcher)
    event = made.request.lines("event")[0]
    rows = [("Event", event), ("Subscription-State", "active;expires=60")]
    ask(watcher, made.dialog.request("NOTIFY", headers=rows), label="stray-notify")
    ask(watcher, made.dialog.request("NOBODYKNOWS"), label="unknown-method")
    stage.wait(6.0)
    change(stage)
    made.maybe()
    made.end()
