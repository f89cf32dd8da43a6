"""A party of a scenario: who speaks with the subject, with an end of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from conformance.lab.sip import LabRefusal, Message, read_message
from conformance.live.dialog import Dialog, dialog_of
from conformance.live.memory.hearing import Hearing
from conformance.live.memory.resending import Key, answer_key, dialog_key, key_of
from conformance.live.network.speech import Voice, place_of
from conformance.live.subject import End, hostport
from conformance.live.wants import HarnessFault, NotClaimed, NotSeen, Want, answers
from conformance.live.writing import (
    REASONS,
    Row,
    arranged,
    copied,
    new_branch,
    response_rows,
    token,
    written,
)

if TYPE_CHECKING:
    from conformance.live.stage import Stage

WITHOUT_CONTACT = ("ACK", "BYE", "CANCEL", "INFO", "MESSAGE", "PRACK", "PUBLISH")
"""Methods whose requests and 2xx have no Contact (RFC 3261, table 2, and those of the extensions)."""


class Party(Hearing):
    """One user agent of the harness."""

    def __init__(self, stage: Stage, name: str, transport: str, end: End) -> None:
        super().__init__()
        self.stage = stage
        self.name = name
        self.transport = transport
        self.end = end
        """Where it can be reached."""
        self.last: Message | None = None
        """The last request it sent."""
        self.dialogs: list[Dialog] = []
        self.connection = 0
        """The connection it sent on last; 0 for datagrams."""
        self.spoilt = False
        """Whether it has sent something deliberately wrong on its connection."""
        self._voice: Voice | None = None
        self._tags: dict[Key, str] = {}

    # -- who it is

    @property
    def uri(self) -> str:
        """Its address of record."""
        return f"sip:{self.name}@{hostport(self.end)}"

    @property
    def contact_uri(self) -> str:
        """Where it wants requests inside a dialog."""
        return self.uri + ("" if self.transport == "udp" else f";transport={self.transport}")

    @property
    def contact(self) -> str:
        """The value of its Contact header."""
        return f"<{self.contact_uri}>"

    def via(self, branch: str = "") -> str:
        """The value of a Via of its own."""
        return f"SIP/2.0/{self.transport.upper()} {hostport(self.end)};branch={branch or new_branch()};rport"

    # -- speaking

    @property
    def media_port(self) -> int:
        """The port for its session descriptions, on which it can speak and hear; raises NotClaimed where media do not pass."""
        self._voice = self._voice or self.stage.voice(self)
        if self._voice is None:
            raise NotClaimed("the adapter does not offer `media`")
        return self._voice.port

    def speak(self, description: bytes) -> None:
        """Send silence to where a description of the subject wants its audio, until the scenario ends."""
        place = place_of(description)
        if place is not None and self.media_port and self._voice is not None:
            self._voice.speak(place)

    def probe_media(self, description: bytes, when: str, medium: str = "audio") -> None:
        """Note whether the port of a description's audio, or of another medium, takes packets."""
        place = place_of(description, medium)
        if place is not None:
            said = "refuses" if self.stage.refuses(self, place) else "takes"
            self.stage.note(f"the port {hostport(place)} {said} packets {when}")

    def hearken(self, when: str = "") -> None:
        """Note what was heard since the last time."""
        if self._voice is not None:
            for host, port, number, samples, count in self._voice.heard():
                words = f"{self.name} heard {count} packets of format {number} from {hostport((host, port))}"
                self.stage.note(" ".join(filter(None, (words, f"with {samples} samples" if samples else "", when))))
            self._voice.forget()

    def fall_silent(self) -> None:
        """Speak no more, and note what was heard."""
        self.hearken()
        if self._voice is not None:
            self._voice.close()
            self._voice = None

    # -- writing

    def request(
        self, method: str, uri: str = "", *, headers: Sequence[Row] = (), without: Collection[str] = (),
        body: bytes = b"", to: str = "", from_: str = "", call_id: str = "", number: int = 1, branch: str = "",
    ) -> Message:  # fmt: skip
        """A request with everything that is mandatory; a name in ``headers`` takes the place of the row written by itself."""
        uri = uri or self.stage.subject.uri
        rows = [
            ("Via", self.via(branch)),
            ("Max-Forwards", "70"),
            ("From", from_ or f"<{self.uri}>;tag={token()}"),
            ("To", to or f"<{uri}>"),
            ("Call-ID", call_id or token()),
            ("CSeq", f"{number} {method}"),
            ("Contact", self.contact),
        ]
        if method in WITHOUT_CONTACT:
            rows.pop()
        if body:
            rows.append(("Content-Type", "application/sdp"))
        return written(f"{method} {uri} SIP/2.0", arranged(rows, headers, without), body)

    def response(
        self, request: Message, status: int, *, headers: Sequence[Row] = (), without: Collection[str] = (),
        body: bytes = b"", tag: str = "", reason: str = "",
    ) -> Message:  # fmt: skip
        """A response, not sent yet; one tag for all responses to a request unless another is given."""
        tag = "" if status == 100 else tag or self._tags.setdefault(key_of(request), token())
        rows = response_rows(request, tag)
        if status < 300:
            rows += copied(request, "record-route") if status > 100 else []
            named = status > 100 and request.method not in WITHOUT_CONTACT
            rows += [("Contact", self.contact)] if named else []
        if body:
            rows.append(("Content-Type", "application/sdp"))
        start = f"SIP/2.0 {status} {reason or REASONS.get(status, 'Unnamed')}"
        return written(start, arranged(rows, headers, without), body)

    def dialog(self, request: Message, response: Message) -> Dialog:
        """The dialog that a request and its response made, whoever of the two was the party's."""
        made = dialog_of(self, request, response)
        self.dialogs.append(made)
        return made

    # -- sending

    def send(
        self, message: Message | bytes, *, malformed: bool = False, label: str = "", once: bool = False,
        to: End | None = None, transport: str = "",
    ) -> Message | bytes:  # fmt: skip
        """Send; a good request over UDP is sent again until it is answered, unless ``once``.

        Raises HarnessFault where the lab refuses what is not marked as malformed.
        """
        octets = message if isinstance(message, bytes) else message.received
        if not malformed:
            self._validated(octets)
        transport = transport or self.transport
        repeated = isinstance(message, Message) and transport == "udp" and not (once or malformed)

        def put() -> None:
            self.put(octets, to, transport=transport, malformed=malformed, label=label)

        put()
        if isinstance(message, Message) and message.is_request:
            if message.method != "ACK":
                self.last = message
            if message.method == "INVITE":
                self.invites[key_of(message)] = message
            if repeated and message.method != "ACK":
                self.resending.repeat(key_of(message), put, self.stage.now, method=message.method or "")
        return message

    def put(
        self, octets: bytes, to: End | None = None, *, transport: str = "", malformed: bool = False, label: str = "",
        connection: int = 0,
    ) -> None:  # fmt: skip
        """Send octets once, whatever they are."""
        self.spoilt = self.spoilt or malformed
        self.connection = self.stage.put(
            self, octets, to or self.stage.subject.address, transport or self.transport,
            malformed=malformed, label=label, connection=connection,
        )  # fmt: skip

    def respond(
        self, request: Message, status: int, headers: Sequence[Row] = (), body: bytes = b"", *,
        without: Collection[str] = (), tag: str = "", label: str = "", once: bool = False,
    ) -> Message:  # fmt: skip
        """Answer a request where it came from; a 2xx to INVITE is sent again until its ACK comes, unless ``once``."""
        answer = self.response(request, status, headers=headers, without=without, body=body, tag=tag)
        self.answer(request, answer, label=label, once=once)
        return answer

    def answer(
        self, request: Message, answer: Message | bytes, *, malformed: bool = False, label: str = "", once: bool = False
    ) -> None:
        """Send a response that is already written."""
        octets = answer if isinstance(answer, bytes) else answer.received
        if not malformed:
            self._validated(octets)
        arrival = self.arrival_of(request)
        source, connection = (arrival.source, arrival.connection) if arrival else (None, 0)
        transport = arrival.transport if arrival else self.transport

        def put() -> None:
            self.put(octets, source, transport=transport, malformed=malformed, label=label, connection=connection)

        put()
        self.resending.said[key_of(request)] = put
        status = answer.status or 0 if isinstance(answer, Message) else 0
        if request.method == "INVITE" and 200 <= status < 300 and not once:
            self.resending.repeat_accepted(dialog_key(request), put, self.stage.now)

    def ack(self, invite: Message, answer: Message, *, headers: Sequence[Row] = (), body: bytes = b"") -> Dialog | None:
        """Acknowledge a final response: of a 2xx the dialog is given back."""
        if (answer.status or 0) >= 300:
            self.ack_refusal(invite, answer)
            return None
        dialog = next((one for one in self.dialogs if one.remote == answer.lines("to")[0]), None)
        dialog = dialog or self.dialog(invite, answer)
        number = invite.cseq[0] if invite.cseq else 1
        message = dialog.request("ACK", headers=headers, body=body, number=number)

        def put() -> None:
            self.put(message.received)

        put()
        self.resending.acks[answer_key(answer)] = put
        return dialog

    def ack_refusal(self, invite: Message, answer: Message) -> None:
        """Acknowledge a response from 300 to 699 (RFC 3261, section 17.1.1.3)."""
        rows = [("Via", invite.lines("via")[0]), ("Max-Forwards", "70"), *copied(invite, "from"),
                *copied(answer, "to"), *copied(invite, "call-id"), *copied(invite, "route"),
                ("CSeq", f"{invite.cseq[0] if invite.cseq else 1} ACK")]  # fmt: skip
        message = written(f"ACK {invite.request_uri} SIP/2.0", rows)

        def put() -> None:
            self.put(message.received)

        put()
        self.resending.acks[key_of(answer)] = put

    def _validated(self, octets: bytes) -> None:
        try:
            message = read_message(octets)
        except LabRefusal as refusal:
            raise HarnessFault(f"{self.name} would send what is no message: {refusal}") from None
        wrong = next((one for one in message.deviations if one.refused), None)
        if wrong is not None:
            raise HarnessFault(f"{self.name} would send {message.title} with {wrong.where}: {wrong.what}")

    def hang(self) -> None:
        """Close the connection it sent on last; the next thing it sends opens a new one."""
        self.stage.drop(self, self.connection)
        self.spoilt = False

    # -- waiting

    def expect(self, want: Want, within: float | None = None) -> Message:
        """The next message that is wanted; raises NotSeen when time is up, or what came rules it out."""
        within = self.stage.budget if within is None else within
        to = want.to or self.last if want.answer else None
        told = f"{want.says} to {to.method}" if to is not None else want.says
        spoilt: list[Message] = []

        def found() -> Message | None:
            for message in self.queue:
                mine = to is None or answers(message, to)
                if mine and want.matches(message):
                    self.queue.remove(message)
                    return message
                if mine and want.spoils(message):
                    spoilt.append(message)
                    self.queue.remove(message)
                    return message
            return None

        message = self.stage.until(found, within)
        if spoilt:
            raise NotSeen(f"{self.name} waited for {told}, and got {spoilt[0].title}")
        if message is None:
            raise NotSeen(f"{self.name} waited {within:g} s for {told}, and it did not come")
        return message

    def expect_copy(self, message: Message, within: float | None = None) -> Message:
        """The same message again; raises NotSeen."""
        within = self.stage.budget if within is None else within
        before = sum(one.received == message.received for one in self.copies)

        def found() -> Message | None:
            same = [one for one in self.copies if one.received == message.received]
            return same[before] if len(same) > before else None

        again = self.stage.until(found, within)
        if again is None:
            raise NotSeen(f"{self.name} waited {within:g} s for {message.title} again, and it did not come")
        return again

    def silence(self, within: float, unless: Want | None = None) -> list[Message]:
        """Let time pass and give what came, unmatched things stay; ends early when ``unless`` comes.

        It judges nothing: probe with ``stage.alive`` afterwards.
        """
        start = len(self.queue)

        def found() -> Message | None:
            return next((one for one in self.queue[start:] if unless and unless.matches(one)), None)

        self.stage.until(found, within)
        return self.queue[start:]
