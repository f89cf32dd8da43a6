"""A party of an overlay: an identity, an end, links with the subject, and what it says over them (RFC 6940, section 6)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.lab import rules
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.reload import Message, read_message
from conformance.live.overlay import courtesy, writing
from conformance.live.overlay.framing import FramedLink
from conformance.live.overlay.identity import Identity
from conformance.live.overlay.wire import CLOSED, OCTETS, OPEN, Happening
from conformance.live.overlay.writing import Object, Sealing
from conformance.live.subject import End
from conformance.live.wants import HarnessFault, NotSeen

if TYPE_CHECKING:
    from conformance.live.overlay.stage import OverlayStage

Body = Mapping[str, Json] | str


@dataclass(frozen=True, slots=True)
class Written:
    """A message that a party has written."""

    octets: bytes
    transaction: str
    code: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that came to a party."""

    message: Message
    link: int
    time: float
    through: Peer | None = None
    """The party that it came to first, where it was passed on."""

    @property
    def code(self) -> int:
        """Its message code."""
        return rules.number(self.message.contents["message_code"])

    @property
    def transaction(self) -> str:
        """Its transaction ID."""
        return str(self.message.header["transaction_id"])

    @property
    def body(self) -> dict[str, Json]:
        """Its body; empty where it has none that can be read."""
        body = self.message.contents["message_body"]
        return body if isinstance(body, dict) else {}

    @property
    def error(self) -> int:
        """The error code; 0 where it is no error."""
        return rules.number(self.body.get("error_code")) if self.code == rules.ERROR else 0

    @property
    def is_request(self) -> bool:
        """Whether it asks: an odd code that is no error."""
        return self.code % 2 == 1 and self.code != rules.ERROR


class Peer:
    """One node of the harness; it is a client until a scenario lets it join."""

    def __init__(self, stage: OverlayStage, name: str, identity: Identity, transport: str) -> None:
        self.stage = stage
        self.name = name
        self.identity = identity
        self.transport = transport
        self.end: End = stage.links.open(name, identity)
        self.links: dict[int, FramedLink] = {}
        self.heard: list[Heard] = []
        """What came and nobody has taken yet."""
        self.leaves: set[int] = set()
        """Codes of requests that it does not answer by itself."""
        self.polite = True
        """Whether it answers by itself at all."""
        self.attaches = True
        """Whether a link follows by itself when it has answered an Attach."""
        self.joined = False
        """Whether it is a peer of the ring (``joining.py``), and no client."""
        self.since = stage.now
        """When it came up."""

    @property
    def node_id(self) -> bytes:
        """Its Node-ID."""
        return self.identity.node_id

    # --- links

    @property
    def link(self) -> FramedLink:
        """Its newest open link; raises NotSeen where it has none."""
        found = [one for one in self.links.values() if one.open and not one.closed]
        if not found:
            raise NotSeen(f"{self.name} has no link with the subject")
        return found[-1]

    def connect(self, *, identity: Identity | None = None, within: float | None = None) -> FramedLink:
        """Open a link; raises NotSeen where the subject does not complete the handshake, or closes it at once."""
        link = self.dial(identity=identity)
        if not self.stage.until(lambda: link.open or link.closed, within or self.stage.budget) or link.closed:
            raise NotSeen(f"the subject does not take a link of {self.name}")
        return link

    def dial(self, *, to: End | None = None, identity: Identity | None = None) -> FramedLink:
        """Begin a link, as the identity that is named or the party's own; what becomes of it is seen later."""
        self.stage.ready()
        number = self.stage.links.connect(self.name, self.transport, to or self.stage.subject.address, identity)
        return self._linked(number)

    def _linked(self, number: int) -> FramedLink:
        if number not in self.links:
            self.links[number] = FramedLink(number, self.transport, self.stage.overlay.context)
        return self.links[number]

    def hang_up(self, link: FramedLink | None = None) -> None:
        """Close a link, or all."""
        for one in [link] if link else [one for one in self.links.values() if one.open and not one.closed]:
            one.closed = True
            self.stage.closes(self, one.number)

    # --- saying

    def request(
        self,
        name: str | int,
        body: Body,
        *,
        to: bytes | Sequence[Object] | None = None,
        sealing: Sealing | None = None,
        unsigned: bool = False,
        extensions: Sequence[Json] = (),
        certificates: Sequence[bytes] | None = None,
        transaction: str = "",
        **header: Json,
    ) -> Written:
        """A request, not sent: ``PingReq`` or a code; to the subject, to a Node-ID, or by a Destination List.

        ``header`` names fields of the forwarding header in the place of the right ones.
        """
        if to is None or isinstance(to, bytes):
            to = [writing.node(to or self.stage.subject.node_id)]
        fields = self._header(list(to), transaction or writing.new_transaction(), header)
        return self._written(fields, writing.code_of(name), body, sealing, unsigned, extensions, certificates)

    def answer(
        self,
        request: Heard,
        body: Body,
        *,
        code: int | None = None,
        sealing: Sealing | None = None,
        unsigned: bool = False,
        extensions: Sequence[Json] = (),
        certificates: Sequence[bytes] | None = None,
        **header: Json,
    ) -> Written:
        """The answer to a request, not sent; it goes back along the Via List (section 6.2.2)."""
        via = list(rules.objects(request.message.header["via_list"]))
        back: list[Object] = [writing.node(self.stage.subject.node_id), *reversed(via)]
        if request.through is not None and request.through is not self:
            back = [one for one in back[1:] if one != back[0]]
            back = [writing.node(self.stage.subject.node_id), *back]
            header = {"via_list": [writing.node(self.node_id)], **header}
        fields = self._header(back, request.transaction, header)
        return self._written(
            fields, request.code + 1 if code is None else code, body, sealing, unsigned, extensions, certificates
        )

    def error(self, request: Heard, code: int, text: str = "") -> Written:
        """An error in answer to a request."""
        return self.answer(request, {"error_code": code, "error_info": text.encode().hex()}, code=rules.ERROR)

    def _header(self, to: list[Object], transaction: str, changed: Mapping[str, Json]) -> dict[str, Json]:
        return {
            "relo_token": rules.RELO_TOKEN, "overlay": self.stage.overlay.number,
            "configuration_sequence": self.stage.overlay.document.sequence, "version": rules.VERSION, "ttl": 100,
            "fragment": rules.WHOLE, "transaction_id": transaction, "max_response_length": 0, "via_list": [],
            "destination_list": list(to), "options": [], **changed,
        }  # fmt: skip

    def _written(
        self, header: dict[str, Json], code: int, body: Body, sealing: Sealing | None, unsigned: bool,
        extensions: Sequence[Json], certificates: Sequence[bytes] | None,
    ) -> Written:  # fmt: skip
        context = self.stage.overlay.context
        value: Json = body if isinstance(body, str) else dict(body)
        octets = writing.body_of(code, value, context)
        sealed = None if unsigned else sealing or Sealing(by=self.identity)
        whole = writing.message(header, code, octets, sealed, context, extensions=extensions, certificates=certificates)
        return Written(whole, str(header["transaction_id"]), code)

    def send(
        self, what: Written | bytes, *, link: FramedLink | None = None, malformed: bool = False, label: str = ""
    ) -> None:
        """Send a message in a frame (over DTLS in fragments, where it is long); raises NotSeen without a link, and where it is closed.

        Raises HarnessFault for what the lab's own reader refuses and that is not said to be ``malformed``.
        """
        octets = what.octets if isinstance(what, Written) else what
        if not malformed:
            try:
                read_message(octets, self.stage.overlay.context)
            except LabRefusal as refusal:
                raise HarnessFault(f"{self.name} would send what is malformed: {refusal}") from None
        link = link or self.link
        for piece in link.pieces(octets):
            self.put(link.frame(piece, self.stage.now), link=link, malformed=malformed, label=label)

    def put(self, octets: bytes, *, link: FramedLink | None = None, malformed: bool = False, label: str = "") -> None:
        """Send octets as they are: frames, parts of frames, anything else."""
        self.stage.put(self, link or self.link, octets, malformed=malformed, label=label)

    # --- hearing

    def hear(self, happening: Happening) -> None:
        """Take what came over a link."""
        link = self._linked(happening.link)
        if happening.what == OPEN:
            link.open, link.certificates = True, happening.certificates
            link.transport = self.stage.links.way(link.number).transport
            if self.stage.around is not None:
                self.stage.around.linked(self, link)
        elif happening.what == CLOSED:
            link.closed = True
        elif happening.what == OCTETS:
            messages, owed = link.receive(happening.octets)
            for octets in owed if link.acknowledges else ():
                self.put(octets, link=link)
            for octets in messages:
                self._message(octets, link)

    def _message(self, octets: bytes, link: FramedLink) -> None:
        try:
            heard = Heard(read_message(octets, self.stage.overlay.context), link.number, self.stage.now)
        except LabRefusal:
            return  # it is in the evidence, for the checks
        if not self.stage.passed_on(self, heard):
            self.takes(heard)

    def takes(self, heard: Heard) -> None:
        """A message for this party."""
        self.heard.append(heard)
        if heard.is_request and self.polite and heard.code not in self.leaves:
            self.obliges(heard)

    def obliges(self, heard: Heard) -> None:
        """Answer a request as an honest peer does."""
        around = self.stage.around
        said = (around and around.answers(self, heard)) or courtesy.answer(self, heard.message)
        if said is None:
            return
        code, body = said
        self.stage.says(self, self.answer(heard, body, code=code), heard)
        if heard.code == courtesy.ATTACH and self.attaches:
            link = self.follow(heard.body)
            if link is not None:
                link.attached = heard.body.get("send_update") is True
        if around is not None:
            around.obliged(self, heard)

    def follow(self, offered: Mapping[str, Json]) -> FramedLink | None:
        """Open the link that an Attach asked for, to its first candidate of this transport (section 6.5.1.13)."""
        wanted = {"tls": "TLS-TCP-FH-NO-ICE", "dtls": "DTLS-UDP-SR-NO-ICE"}[self.transport]
        for one in rules.objects(offered.get("candidates")):
            if one["overlay_link"] == wanted:
                return self.dial(to=end_of(one["addr_port"]))
        return None

    def take(self, found: Callable[[Heard], bool], within: float | None, says: str) -> Heard:
        """Wait for a message, and take it out of what was heard; raises NotSeen."""

        def here() -> Heard | None:
            return next((one for one in self.heard if found(one)), None)

        heard = self.stage.until(here, self.stage.budget if within is None else within)
        if heard is None:
            raise NotSeen(f"{self.name} waited for {says}")
        self.heard.remove(heard)
        return heard

    def reply(self, request: Written, within: float | None = None) -> Heard:
        """The answer to a request, whatever it says; raises NotSeen where none comes."""
        name = f"the answer to {request.code}"
        return self.take(lambda one: not one.is_request and one.transaction == request.transaction, within, name)

    def success(self, request: Written, within: float | None = None) -> Heard:
        """The answer to a request that must be no error; raises NotSeen where it is one, or none comes."""
        return self.granted(self.reply(request, within))

    def granted(self, heard: Heard) -> Heard:
        """The same answer; raises NotSeen with the error where it is one."""
        if heard.code == rules.ERROR:
            info = bytes.fromhex(str(heard.body.get("error_info") or "")).decode("utf-8", "replace")
            raise NotSeen(f"what {self.name} asks is refused with error {heard.error} {info}".rstrip())
        return heard

    def ask(
        self,
        name: str | int,
        body: Body,
        *,
        to: bytes | Sequence[Object] | None = None,
        label: str = "",
        **header: Json,
    ) -> Heard:
        """A request that must be answered without error, sent and awaited."""
        request = self.request(name, body, to=to, **header)  # type: ignore[arg-type]
        self.send(request, label=label)
        return self.success(request)

    def request_of(
        self, name: str | int, within: float | None = None, where: Callable[[Heard], bool] | None = None
    ) -> Heard:
        """A request of the subject, by its name or code; raises NotSeen where none comes."""
        code = writing.code_of(name)
        return self.take(lambda one: one.code == code and (where is None or where(one)), within, f"a {name}")

    def silence(self, seconds: float) -> None:
        """Let time pass."""
        self.stage.wait(seconds)


def end_of(address: Json) -> End:
    """Host and port of an IpAddressPort."""
    inner = rules.member(address, "v4addr_port") or rules.member(address, "v6addr_port")
    number = rules.number(rules.member(inner, "addr"))
    version = ipaddress.IPv4Address if rules.member(address, "type") == "ipv4_address" else ipaddress.IPv6Address
    return str(version(number)), rules.number(rules.member(inner, "port"))
