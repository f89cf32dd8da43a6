"""Steps that ladders with a proxy have in common: who is registered behind it, who calls, what arrives."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab.sip import Message
from conformance.live.party import Party
from conformance.live.scenarios.registrar.steps import Client, address_of_record
from conformance.live.stage import Stage
from conformance.live.subject import hostport
from conformance.live.wants import NotSeen, Want, request
from conformance.live.writing import Row

SETTLING = 0.3
"""Seconds in which what follows a message arrives."""
NAMES = ("one", "two", "three")
"""The parties behind a proxy."""


class Scene:
    """A caller in front of the proxy, and the phones of one user behind it."""

    def __init__(
        self, stage: Stage, phones: int = 1, *, contacts: Sequence[str] = (), caller: str = "", over: str = ""
    ) -> None:
        """``contacts``: in the place of the phones' own; ``caller`` and ``over``: transports of the caller and of the phones."""
        self.stage = stage
        self.caller = stage.party("caller", transport=caller)
        self.phones = [stage.party(name, transport=over) for name in NAMES[:phones]]
        self.record = address_of_record(stage, "user")
        """The user's address of record."""
        if phones:
            Client(self.phones[0], self.record).clear()
        for number, phone in enumerate(self.phones):
            contact = contacts[number] if number < len(contacts) else phone.contact
            answer = Client(phone, self.record).register(contact, expires=1800)
            if answer.status != 200:
                raise NotSeen(f"{phone.name} cannot be registered at the proxy: {answer.title}")

    @property
    def phone(self) -> Party:
        """The first phone."""
        return self.phones[0]

    @property
    def route(self) -> str:
        """A Route value that names the proxy."""
        return f"<sip:{hostport(self.stage.subject.address)}{self.stage.subject.parameters};lr>"

    def asked(
        self, method: str = "OPTIONS", uri: str = "", *, headers: Sequence[Row] = (), without: Sequence[str] = (),
        body: bytes = b"", label: str = "ask",
    ) -> Message:  # fmt: skip
        """A request of the caller for the user, sent."""
        message = self.caller.request(method, uri or self.record, headers=headers, without=without, body=body)
        self.caller.send(message, label=label)
        return message

    def called(self, uri: str = "", *, headers: Sequence[Row] = (), label: str = "call") -> Message:
        """An INVITE of the caller for the user, sent."""
        return self.asked("INVITE", uri, headers=headers, body=offer(self.caller), label=label)

    def reached(self, phone: Party | None = None, *methods: str) -> Message:
        """The request as it arrives at a phone (the first one); raises NotSeen."""
        return (phone or self.phone).expect(request(*(methods or ("INVITE",))))

    def settle(self, seconds: float = SETTLING) -> None:
        """Let what follows arrive."""
        self.stage.wait(seconds)

    @property
    def own(self) -> str:
        """The URI of the proxy itself."""
        return self.route.strip("<>").replace(";lr", "")

    def alive(self) -> None:
        """A sane exchange with the proxy itself."""
        self.stage.alive(self.caller, uri=self.own)

    def done(self) -> None:
        """Everything has arrived; a sane exchange."""
        self.settle()
        self.alive()


def offer(party: Party, version: int = 1) -> bytes:
    """A session description of one audio stream."""
    host = party.end[0]
    family = "IP6" if ":" in host else "IP4"
    lines = [f"o=- {1000 + party.end[1]} {version} IN {family} {host}", "s=-", f"c=IN {family} {host}", "t=0 0",
             "m=audio 40000 RTP/AVP 0"]  # fmt: skip
    return "".join(f"{line}\r\n" for line in ["v=0", *lines]).encode()


def attempt(party: Party, want: Want, within: float | None = None) -> Message | None:
    """What is wanted, None where it does not come: the ladder goes on, and the checks say what it means."""
    try:
        return party.expect(want, within)
    except NotSeen:
        return None
