"""Steps that ladders with a registrar have in common: a client that counts its requests and answers challenges."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conformance.lab.sip import Message
from conformance.live.party import Party
from conformance.live.scenarios.registrar.digest import credentials
from conformance.live.stage import Stage
from conformance.live.subject import hostport
from conformance.live.wants import NotSeen, final
from conformance.live.writing import Row, token

LONG, SHORT = 1800, 600
"""Seconds that are asked for where nothing depends on it."""


def address_of_record(stage: Stage, name: str) -> str:
    """A user nobody has used before; the one of the credentials where the target has credentials."""
    return f"sip:{stage.subject.user or f'{name}-{token()}'}@{stage.subject.home}"


def place(party: Party, name: str) -> str:
    """A Contact: somebody on the party's host."""
    return f"<sip:{name}@{hostport(party.end)}>"


class Client:
    """Who registers an address of record, with a Call-ID of its own."""

    def __init__(self, party: Party, record: str, *, number: int = 0) -> None:
        self.party = party
        self.record = record
        self.call_id = token()
        self.number = number
        """The last CSeq."""

    def written(
        self, *contacts: str, expires: int | None = None, headers: Sequence[Row] = (), number: int | None = None,
        without: Collection[str] = (), to: str = "",
    ) -> Message:  # fmt: skip
        """A REGISTER, not sent: without contacts it only asks."""
        self.number = self.number + 1 if number is None else number
        subject = self.party.stage.subject
        rows: list[Row] = [("Contact", one) for one in contacts]
        rows += [] if expires is None else [("Expires", str(expires))]
        dropped = [*without, *([] if contacts else ["contact"])]
        return self.party.request(
            "REGISTER", f"sip:{subject.home}{subject.parameters}", headers=[*rows, *headers], without=dropped,
            from_=f"<{self.record}>;tag={token()}", to=to or f"<{self.record}>", call_id=self.call_id,
            number=self.number,
        )  # fmt: skip

    def register(
        self, *contacts: str, expires: int | None = None, headers: Sequence[Row] = (), number: int | None = None,
        label: str = "", to: str = "",
    ) -> Message:  # fmt: skip
        """Register and give the final response; a challenge is answered. Raises NotSeen where there is no response."""
        message = self.written(*contacts, expires=expires, headers=headers, number=number, to=to)
        answer = self.asked(message, label=label)
        row = self.proof(answer)
        if row is None:
            return answer
        after = None if number is None else number
        again = self.written(*contacts, expires=expires, headers=[*headers, row], number=after, to=to)
        return self.asked(again, label=label)

    def proof(
        self, answer: Message, *, password: str = "", count: int = 1, nonce: str = "", realm: str = ""
    ) -> Row | None:
        """The credentials that answer a challenge; None where there was none, or the target has no credentials."""
        subject = self.party.stage.subject
        if answer.status not in (401, 407) or not subject.user:
            return None
        uri = f"sip:{subject.home}{subject.parameters}"
        password = password or subject.password
        return credentials(answer, "REGISTER", uri, subject.user, password, count=count, nonce=nonce, realm=realm)

    def asked(self, message: Message, *, label: str = "") -> Message:
        """Send a REGISTER, and give its final response."""
        self.party.send(message, label=label)
        return self.party.expect(final(to=message))

    def query(self) -> Message:
        """Ask which bindings there are."""
        return self.register(label="query")

    def clear(self) -> None:
        """Remove what earlier scenarios have left of a user that they share."""
        if self.party.stage.subject.user:
            self.register("*", expires=0, label="clear")


def client(stage: Stage, name: str = "client", *, number: int = 0) -> Client:
    """The first client of a user who has no bindings."""
    made = Client(stage.party("client"), address_of_record(stage, name), number=number)
    made.clear()
    return made


def another(first: Client, *, number: int = 0) -> Client:
    """One more client of the same user, with another Call-ID."""
    return Client(first.party, first.record, number=number)


def attempt(of: Client, message: Message, *, malformed: bool = False, label: str = "") -> Message | None:
    """Send once, and give the final response if there is one soon."""
    of.party.send(message, malformed=malformed, once=malformed, label=label)
    try:
        return of.party.expect(final(to=message), 1.0 if malformed else None)
    except NotSeen:
        return None
