"""Steps of ladders in which the subject acts, and the harness is the server."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab.sip import Message
from conformance.live.dialog import Dialog
from conformance.live.party import Party
from conformance.live.scenarios.user_agent.steps import ask, attempt
from conformance.live.stage import Stage
from conformance.live.wants import final, request
from conformance.live.writing import Row

CONFERENCE = "application/conference-info+xml"


def challenge(stage_domain: str, nonce: str, *, parts: str = 'algorithm=MD5, qop="auth"') -> str:
    """A digest challenge."""
    return f'Digest realm="{stage_domain or "example.org"}", nonce="{nonce}", {parts}'.rstrip(", ")


def bindings(asked: Message, seconds: int) -> list[Row]:
    """What a registrar lists: each Contact that was asked for, with its time."""
    return [("Contact", f"{bare(line)};expires={seconds}") for line in asked.lines("contact")]


def bare(contact: str) -> str:
    """A Contact without its expires."""
    front, close, tail = contact.rpartition(">")
    kept = [part for part in tail.split(";") if part.strip() and not part.strip().startswith("expires")]
    return f"{front}{close}{''.join(f';{part}' for part in kept)}"


def time_asked(asked: Message) -> int:
    """The expiry of a REGISTER or SUBSCRIBE as it asks for it; an hour where it says nothing."""
    for line in asked.lines("contact"):
        _, found, value = line.partition("expires=")
        if found and value.split(";")[0].strip().isdigit():
            return int(value.split(";")[0])
    lines = asked.lines("expires")
    return int(lines[0]) if lines and lines[0].isdigit() else 3600


def registering(registrar: Party) -> Message:
    """The subject registers: its REGISTER; raises NotClaimed where it cannot be told to."""
    registrar.stage.trigger("register", uri=f"sip:{registrar.uri.rpartition('@')[2]}{_parameters(registrar)}")
    return registrar.expect(request("REGISTER"), 2 * registrar.stage.budget)


def subscribing(notifier: Party) -> Message:
    """The subject subscribes to the state of a conference: its SUBSCRIBE."""
    notifier.stage.trigger("subscribe", uri=notifier.contact_uri, event="conference")
    return notifier.expect(request("SUBSCRIBE"), 2 * notifier.stage.budget)


def granted(notifier: Party, asked: Message, seconds: int, label: str = "granted") -> Dialog:
    """200 to a SUBSCRIBE, and the dialog that it makes."""
    answer = notifier.respond(asked, 200, [("Expires", str(seconds))], label=label)
    return notifier.dialog(asked, answer)


def standing(stage: Stage, seconds: int) -> tuple[Dialog, Message]:
    """The subject's subscription for so long, granted and told of once: its dialog with the notifier, and the SUBSCRIBE."""
    notifier = stage.party("notifier")
    asked = subscribing(notifier)
    dialog = granted(notifier, asked, seconds)
    ask(notifier, notice(dialog, asked, f"active;expires={seconds}"), label="notice")
    return dialog, asked


def over(dialog: Dialog, wait: float, label: str = "") -> None:
    """The subscription is no more; a new SUBSCRIBE within that time is refused."""
    dialog.ended = True
    later = attempt(dialog.party, request("SUBSCRIBE"), wait)
    if later is not None:
        dialog.party.respond(later, 403, label=label)


def notice(dialog: Dialog, asked: Message, state: str, *, rows: Sequence[Row] = (), event: str = "") -> Message:
    """A NOTIFY of the subscription, without a body: the state is not the matter here."""
    event = event or asked.lines("event")[0]
    return dialog.request("NOTIFY", headers=[("Event", event), ("Subscription-State", state), *rows])


def end_subscription(dialog: Dialog, asked: Message, reason: str = "noresource") -> None:
    """The last NOTIFY; what the subject says to it is not waited for long."""
    party = dialog.party
    message = notice(dialog, asked, f"terminated;reason={reason}")
    party.send(message)
    attempt(party, final(to=message), 1.0)
    dialog.ended = True


def _parameters(party: Party) -> str:
    return "" if party.transport == "udp" else f";transport={party.transport}"
