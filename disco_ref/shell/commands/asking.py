"""``disco-ref store``, ``fetch``, ``stat``, ``ping``, ``probe`` and ``route``: asking an overlay as a client of it (RFC 6940)."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from twisted.internet.defer import Deferred

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.notation.presentation import Unknown
from disco_ref.peer.overlay.client import (
    Answered,
    Client,
    NotVisiting,
    Unanswered,
    Visiting,
)
from disco_ref.reload.actions import Action, AnsweredWithError
from disco_ref.reload.enrollment.configuration import REGISTERED_KINDS
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.forwarding.ping import PingAns, PingReq
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.storage.client import (
    Failed,
    Fetched,
    Statted,
    StorageClient,
    Stored,
    Where,
)
from disco_ref.reload.storage.data_models import (
    APPEND,
    ArrayEntryMeta,
    DictionaryEntryMeta,
    MetaData,
)
from disco_ref.reload.storage.holdings import place_of, value_of
from disco_ref.reload.topology.chord.route_query import ChordRouteQueryAns
from disco_ref.reload.topology.probe import ProbeAns, ProbeInformationType, ProbeReq
from disco_ref.reload.topology.route_query import RouteQueryReq
from disco_ref.shell.commands.overlay_view import JsonLines, lines
from disco_ref.shell.overlay.driving import OverlayDriving
from disco_ref.shell.overlay.kinds import NOTE
from disco_ref.shell.overlay.node_file import NodeFile, read_node_file
from disco_ref.shell.running import Running, the_reactor
from disco_ref.shell.sip.sockets import allow_many
from disco_ref.shell.sip.trouble import Trouble

ANSWERED, REFUSED, MISUSE = 0, 1, 2
STORING = ("store", "fetch", "stat")
PATIENCE = 20.0
"""Seconds for all of it."""
MOST_HOPS = 64
_DOES = {
    "store": "Store a value under a name; the access control of its Kind decides who may.",
    "fetch": "Fetch the values under a name; their signatures are verified.",
    "stat": "Ask what is stored under a name, without the values.",
    "ping": "Ask for a sign of life of a node, or of the peer that is responsible for a name.",
    "probe": "Ask a node, or the peer that is responsible for a name, what it is responsible for.",
    "route": "Ask one peer after the other where it would route to a node or a name.",
}
_EXAMPLES = """examples, with what `disco-ref overlay --folder trial` has written:
  disco-ref store --config trial/guest1.toml guest1@overlay.example "tea at five"
  disco-ref fetch --config trial/guest1.toml guest1@overlay.example
  disco-ref fetch --config trial/guest1.toml --kind CERTIFICATE_BY_USER guest1@overlay.example
  disco-ref ping  --config trial/guest1.toml guest1@overlay.example
  disco-ref route --config trial/guest1.toml 0f1e2d3c4b5a69788796a5b4c3d2e1f0

The node of the file must not run meanwhile: a Node-ID is at one place only.
exit status: 0 answered, 1 refused or no answer, 2 misuse.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command whose parser this is."""
    verb = parser.prog.split()[-1]
    parser.description = _DOES[verb]
    parser.epilog = _EXAMPLES
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="as of `disco-ref node`")
    parser.add_argument("--json", action="store_true", help="print the answer as lines of JSON")
    what = "a Resource Name" if verb in STORING else "a Resource Name, or a Node-ID in hexadecimal digits"
    parser.add_argument("name", metavar="NAME", help=what)
    if verb in STORING:
        parser.add_argument("--kind", type=_kind, default=NOTE, metavar="KIND", help=f"default {NOTE:#x}")
        parser.add_argument("--index", type=int, metavar="N", help="in an array")
        parser.add_argument("--key", metavar="TEXT", help="in a dictionary; a Node-ID in hexadecimal digits as hex:...")
    if verb == "store":
        parser.add_argument("value", nargs="?", metavar="VALUE", help="text; without it the value is removed")
        parser.add_argument("--lifetime", type=int, default=86400, metavar="SECONDS", help="default 86400")


def run(parsed: argparse.Namespace) -> int:
    """Asks, prints the answer, and ends."""
    allow_many()
    try:
        file = read_node_file(parsed.config)
        reactor = the_reactor(file.with_asyncio)
        question = Question(reactor, parsed, file)
        question.start()
    except Trouble as trouble:
        print(f"disco-ref: {trouble}", file=sys.stderr)
        return MISUSE
    reactor.addSystemEventTrigger("before", "shutdown", question.stop)
    reactor.run()
    return question.status


class Question:
    """One question, from the connection to the answer."""

    def __init__(self, reactor: Running, parsed: argparse.Namespace, file: NodeFile) -> None:
        self._reactor = reactor
        self._parsed = parsed
        self._show = lines(parsed.json, sys.stdout)
        self._client = Client(file.overlay, file.identity, os.urandom, Instant(reactor.seconds()))
        self._storage = StorageClient(self._client.member, self._client.chord)
        listening = [each._replace(address=each.address._replace(port=0)) for each in file.listening]
        self._driving = OverlayDriving(
            reactor, self._client, file.key, listening, self._show.note, delivered=self._told
        )
        self._asked = 0.0
        self._hops = 0
        self._over = False
        self._after = 0
        """The storage time of what stood there already, by a clock that is ahead of the one here."""
        self.status = REFUSED

    def start(self) -> None:
        """Connects; Trouble where no socket is to be had."""
        if self._parsed.verb in STORING and self._parsed.kind not in self._client.member.overlay.kinds:
            raise Trouble(f"the overlay has no Kind {self._parsed.kind:#x}")
        if self._parsed.verb == "store" and self._parsed.key is None and self._model() == "dictionary":
            raise Trouble(f"Kind {self._parsed.kind:#x} is a dictionary: --key TEXT says which place of it")
        if self._parsed.verb in STORING:
            self._refuse_misuse()
        self._driving.start()
        self._reactor.callLater(PATIENCE, self._failed, "nobody answers")
        self._driving.perform(self._client.chord.visit())

    def _refuse_misuse(self) -> None:
        """Trouble where a place or a time cannot be meant."""
        parsed, model = self._parsed, self._model()
        try:
            self._where()
        except ValueError:
            raise Trouble(f"--key {parsed.key}: expected hexadecimal digits behind hex:") from None
        for name, value in (("--key", parsed.key), ("--index", parsed.index)):
            if value is not None and model != ("dictionary" if name == "--key" else "array"):
                raise Trouble(f"{name}: Kind {parsed.kind:#x} is no {'dictionary' if name == '--key' else 'array'}")
        for name, value in (("--index", parsed.index), ("--lifetime", getattr(parsed, "lifetime", None))):
            if value is not None and not 0 <= value < 1 << 32:
                raise Trouble(f"{name} {value}: expected a number from 0 to {(1 << 32) - 1}")

    def stop(self) -> Deferred[None]:
        """Closes everything."""
        return self._driving.stop()

    # --- asking

    def _ask(self) -> list[Action]:
        parsed, now = self._parsed, self._driving.now()
        name: bytes = parsed.name.encode()
        self._asked = now
        match parsed.verb:
            case "store":
                value = None if parsed.value is None else parsed.value.encode()
                where = self._where()
                return self._storage.store(
                    (), name, parsed.kind, value, now, where=where, lifetime=parsed.lifetime, after=self._after
                )
            case "fetch":
                return self._storage.fetch((), name, parsed.kind, where=self._places())
            case "stat":
                return self._storage.stat((), name, parsed.kind, where=self._places())
            case "ping":
                return self._client.questions.ask((), self._place(), MessageCode.ping_req, PingReq(b""))
            case "probe":
                wanted = ProbeReq(tuple(ProbeInformationType)[1:])
                return self._client.questions.ask((), self._place(), MessageCode.probe_req, wanted)
        return self._next_hop(self._client.chord.through or b"")

    def _next_hop(self, at: bytes) -> list[Action]:
        query = RouteQueryReq(False, self._place(), b"")
        return self._client.questions.ask((at,), node_place(at), MessageCode.route_query_req, query)

    def _place(self) -> Destination:
        text: str = self._parsed.name
        length = self._client.member.overlay.node_id_length
        try:
            octets = bytes.fromhex(text)
        except ValueError:
            octets = b""
        if len(octets) == length:
            return node_place(octets)
        return resource_place(self._client.chord.resource_id(text.encode()))

    def _where(self) -> Where:
        key: str | None = self._parsed.key
        if key is not None:
            return bytes.fromhex(key[4:]) if key.startswith("hex:") else key.encode()
        index: int | None = self._parsed.index
        return APPEND if index is None and self._model() == "array" else index

    def _places(self) -> tuple[Where, ...]:
        where = self._where()
        return () if where is None or where == APPEND else (where,)

    def _model(self) -> str:
        return self._client.member.overlay.kinds[self._parsed.kind].data_model.name

    # --- answers

    def _told(self, event: object) -> None:
        match event:
            case Visiting():
                self._reactor.callLater(0, self._begin)
            case Stored(_, answer, by):
                for each in answer.kind_responses:
                    replicas = [one.hex() for one in each.replicas]
                    self._say("stored", by=by.hex(), generation=each.generation_counter, replicas=replicas)
                self._done()
            case Fetched():
                self._fetched(event)
            case Statted(_, answer, by):
                for kind in answer.kind_responses:
                    values = () if isinstance(kind.values, Unknown) else kind.values
                    self._say("stat", by=by.hex(), generation=kind.generation, values=len(values))
                    for stood in values:
                        times = {"lifetime": stood.lifetime, "storage_time": stood.storage_time}
                        self._say("stands", **_known(stood.metadata), **times)
                self._done()
            case Answered(about, answer):
                self._answered(about, answer.body, answer.node_id)
            case Failed(_, AnsweredWithError(error_code=ErrorCode.Error_Data_Too_Old), Fetched() as newer) if (
                not self._after
            ):
                # = rfc6940:7/3
                self._after = max((each.storage_time for each in newer.values), default=0)
                self._reactor.callLater(0, self._begin)
            case Failed(_, why) | Unanswered(_, why) | NotVisiting(why):
                self._failed(reason(why))

    def _begin(self) -> None:
        try:
            self._driving.perform(self._ask())
        except (ValueError, Refusal) as fault:
            self._failed(str(fault))

    def _fetched(self, found: Fetched) -> None:
        for each in found.values:
            value = value_of(each)
            if value.exists:
                place = place_of(each)
                at = {} if place is None else {"place": place.hex() if isinstance(place, bytes) else place}
                self._say("value", **at, value=_text(value.value), hex=value.value.hex(), by=found.by.hex())
        if found.discarded:
            self._say("discarded", values=found.discarded)
        if not any(value_of(each).exists for each in found.values):
            self._say("nothing", by=found.by.hex(), generation=found.generation)
        self._done()

    def _answered(self, about: tuple[str | bytes | int, ...], body: object, by: bytes) -> None:
        seconds = round(self._driving.now() - self._asked, 4)
        match body:
            case PingAns():
                self._say("ping", by=by.hex(), seconds=seconds)
            case ProbeAns(pieces):
                named = {_piece(each.type): each.value for each in pieces}
                self._say("probe", by=by.hex(), seconds=seconds, **named)
            case ChordRouteQueryAns(towards):
                self._hops += 1
                self._say("hop", number=self._hops, at=by.hex(), towards=towards.hex())
                if towards != by and self._hops < MOST_HOPS:
                    self._reactor.callLater(0, self._go_on, towards)
                    return
        self._done()

    def _go_on(self, towards: bytes) -> None:
        self._driving.perform(self._next_hop(towards))

    def _say(self, name: str, **fields: object) -> None:
        if isinstance(self._show, JsonLines):
            self._show.event(name, **fields)
        else:
            self._show.say(" ".join((name, *(f"{key}={value}" for key, value in fields.items()))))

    def _done(self) -> None:
        if not self._over:
            self.status = ANSWERED
            self._end()

    def _failed(self, why: str) -> None:
        if not self._over:
            print(f"disco-ref: {why}", file=sys.stderr)
            self._end()

    def _end(self) -> None:
        """It may end before the reactor has begun."""
        self._over = True
        self._reactor.callLater(0, self._reactor.stop)


def _piece(of: object) -> str:
    return of.name if isinstance(of, ProbeInformationType) else str(of)


def _known(metadata: object) -> dict[str, object]:
    """What is known of a value, and where it stands."""
    match metadata:
        case MetaData(exists, length):
            return {"exists": exists, "octets": length}
        case ArrayEntryMeta(index, value):
            return {"place": index, **_known(value)}
        case DictionaryEntryMeta(key, value):
            return {"place": key.hex(), **_known(value)}
    return {}


def reason(why: Refusal) -> str:
    """What has been refused, with the name of the error and what was said besides."""
    if not isinstance(why, AnsweredWithError):
        return str(why)
    name = next((each.name for each in ErrorCode if each == why.error_code), f"error {why.error_code}")
    return f"{why.by.hex()} answers {name}: {_text(why.error_info)}".rstrip(": ")


def _text(octets: bytes) -> str:
    """As text, where it is any."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return octets.hex()
    return text if text.isprintable() else octets.hex()


def _kind(text: str) -> int:
    """A Kind by its registered name, or by its number."""
    if text in REGISTERED_KINDS:
        return REGISTERED_KINDS[text][0]
    try:
        return int(text, 0)
    except ValueError:
        names = ", ".join(REGISTERED_KINDS)
        raise argparse.ArgumentTypeError(f"{text!r}: expected a Kind-ID or one of {names}") from None
