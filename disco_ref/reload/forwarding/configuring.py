"""Configuration sequence numbers, and the documents behind them (RFC 6940, sections 6.3.2.1 and 6.5.4)."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Malformed, Refusal, Unauthorized
from disco_ref.reload.actions import About, Action, Ask, Discard, Disconnect, Incoming, Refuse, Remark, Reply, Tell
from disco_ref.reload.enrollment.configuration import EXTENSIONS, Configuration
from disco_ref.reload.enrollment.document import SignedConfiguration, SignedKind, read, read_kind_block
from disco_ref.reload.enrollment.signing import verify_configuration, verify_kind, verify_kinds
from disco_ref.reload.forwarding.config_update import ConfigUpdateAns, ConfigUpdateReq, ConfigUpdateType
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.member import Member
from disco_ref.reload.overlay import ANY_SEQUENCE, KindDefinition, kind_definition, overlay_of
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.room import Quiet

_MODULUS = 65535

PAUSE = Duration(60.0)
"""Seconds after which a node that has not followed is sent the configuration again; our choice."""

MOST_TOLD = 1024
"""Nodes of which is remembered that they were sent it."""


class ConfigTooOld(Refusal):
    """The sender knows an older configuration (Error_Config_Too_Old); it is to be told of the newer one."""

    error_code = 15


class ConfigTooNew(Refusal):
    """The sender knows a newer configuration (Error_Config_Too_New)."""

    error_code = 16


class NothingNew(Refusal):
    """A ConfigUpdate with the configuration that is followed already (Error_Config_Too_Old); its sender needs no other."""

    error_code = 15


def newer(sequence: int, than: int) -> bool:
    """Whether one sequence number comes after another, both counted modulo 65535 as TCP counts."""
    # = rfc6940:6.3.2.1/0
    # = rfc6940:6.3.2.1/2b
    # = rfc6940:6.3.2.1/7
    return 0 < (sequence - than) % _MODULUS <= _MODULUS // 2


def refuse_other_sequence(sequence: int, code: int, own: int) -> None:
    """ConfigTooOld or ConfigTooNew where a request was made under another configuration than this node's."""
    # = rfc6940:6.3.2.1/6
    if sequence == own or (sequence == ANY_SEQUENCE and code == MessageCode.config_update_req):
        return
    where = "ForwardingHeader.configuration_sequence"
    # = rfc6940:6.3.2.1/3
    # = rfc6940:6.3.2.1/4
    if newer(sequence, own):
        raise ConfigTooNew(f"configuration {sequence} is newer than {own}", where=where, offset=8)
    raise ConfigTooOld(f"configuration {sequence} is older than {own}", where=where, offset=8)


class KindOfAnother(Unauthorized):
    """A Kind that is known already, of another signer (Error_Forbidden)."""

    error_code = 2


class ConfigurationChanged(NamedTuple):
    """The node follows a newer configuration, or knows new Kinds."""

    sequence: int
    kinds: tuple[int, ...]
    """The Kinds it knows now."""


class CannotFollow(NamedTuple):
    """The newer configuration asks for what this node cannot do; it leaves (section 11.1)."""

    why: str


class ConfigurationOutdated(NamedTuple):
    """Others follow a newer configuration; unless they send it, it has to be fetched as on enrolment (section 6.5.4.2)."""

    sequence: int
    """The sequence number that was seen."""


class Configuring(Quiet):
    """Takes newer configurations, and hands out its own to nodes that have an older one."""

    __slots__ = ("_asked", "_learned", "_member", "_told")

    def __init__(self, member: Member) -> None:
        self._member = member
        self._told: OrderedDict[bytes, Instant] = OrderedDict()
        """When each node may be sent the configuration again."""
        self._asked: tuple[int, Instant] | None = None
        """The newer configuration that was last heard of, and when that may be said again."""
        self._learned: dict[int, frozenset[bytes]] = {}
        """Who has signed the Kinds that came in ConfigUpdates."""

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """ConfigUpdate (section 6.5.4)."""
        body = request.body
        if not isinstance(body, ConfigUpdateReq):
            raise Malformed("this is no ConfigUpdate")
        discarded: list[Action] = []
        match body.type, body.update:
            case ConfigUpdateType.config, bytes() as document:
                discarded = self._take(document, now)
            case ConfigUpdateType.kind, tuple() as kinds:
                self._learn(kinds, now)
            case _:
                raise Malformed(f"an update of type {int(body.type)} is not known", where="ConfigUpdateReq.type")
        return [Reply(request, ConfigUpdateAns()), *discarded, *self._changed(), *self._expelled(), *self._unmet()]

    def adopt(self, document: bytes, now: Instant) -> list[Action]:
        """Follow a newer document that whoever runs the node has fetched, and believes; all neighbours are sent it.

        Malformed where it is none of this overlay, ConfigTooOld or NothingNew where it is not newer.
        """
        actions = self._follow(self._newer(document), document)
        actions += [*self._changed(), *self._expelled()]
        bad = self._member.overlay.configuration.bad_node
        for each in self._member.connections.nodes():
            if each not in bad:
                actions += self.update(each, now)
        return [*actions, *self._unmet()]

    def _take(self, document: bytes, now: Instant) -> list[Action]:
        """Follow a document, if it is newer and its signature holds."""
        found = self._newer(document)
        # = rfc6940:6.5.4.2/1
        verify_configuration(found, self._member.overlay.configuration, now)
        # = rfc6940:11.1/33
        verify_kinds(found, now)
        return self._follow(found, document)

    def _newer(self, document: bytes) -> SignedConfiguration:
        """The configuration of this overlay that a document holds, if it is newer than what is followed."""
        current = self._member.overlay
        found = [each for each in read(document) if each.configuration.instance_name == current.name]
        if len(found) != 1:
            raise Malformed("no configuration of this overlay", where="ConfigUpdateReq.config_data")
        sequence = found[0].configuration.sequence or 0
        # = rfc6940:6.5.4.2/1
        # = rfc6940:6.5.4.2/2
        if sequence == current.sequence:
            raise NothingNew(f"configuration {sequence} is followed already")
        if not newer(sequence, current.sequence):
            raise ConfigTooOld(f"configuration {sequence} is not newer than {current.sequence}")
        return found[0]

    def _follow(self, found: SignedConfiguration, document: bytes) -> list[Action]:
        """Work by another configuration; values of Kinds whose signer is none there are dropped."""
        permitted = set(found.configuration.kind_signer)
        signers = {**_signers(self._member.overlay.document, self._member.overlay.configuration), **self._learned}
        # = rfc6940:11.1/41
        withdrawn = frozenset(kind for kind, by in signers.items() if by.isdisjoint(permitted))
        self._learned.clear()
        # = rfc6940:6.5.4.2/4
        self._member.overlay = overlay_of(found.configuration, document)
        self._told.clear()
        return [Discard(withdrawn)] if withdrawn else []

    def _changed(self) -> list[Action]:
        overlay = self._member.overlay
        return [Tell(ConfigurationChanged(overlay.sequence, tuple(overlay.kinds)))]

    def _unmet(self) -> list[Action]:
        """What follows where this node cannot do what the configuration asks for."""
        missing = self._member.overlay.configuration.unsupported(EXTENSIONS)
        # = rfc6940:11.1/40
        return [Tell(CannotFollow(f"an extension that is not supported: {missing[0]}"))] if missing else []

    def _expelled(self) -> list[Action]:
        """Connections to nodes whose certificates are valid no more."""
        bad = set(self._member.overlay.configuration.bad_node)
        # = rfc6940:11.1/19
        return [Disconnect(each, "a bad-node") for each in self._member.connections.nodes() if each in bad]

    def _learn(self, kinds: tuple[bytes, ...], now: Instant) -> None:
        """Know new Kinds, if a kind-signer has signed each."""
        overlay = self._member.overlay
        learned: dict[int, KindDefinition] = dict(overlay.kinds)
        signers: dict[int, frozenset[bytes]] = {}
        for octets in kinds:
            signed = read_kind_block(octets)
            # = rfc6940:6.5.4.2/3
            signed_by = verify_kind(signed, overlay.configuration, now)
            definition = kind_definition(signed.block.kind)
            if definition is None:
                raise Malformed("a Kind that cannot be stored here", where="ConfigUpdateReq.kinds")
            if learned.get(definition.kind, definition) != definition:
                raise KindOfAnother(f"Kind {definition.kind} is another one here", where="ConfigUpdateReq.kinds")
            learned[definition.kind] = definition
            signers[definition.kind] = frozenset(signed_by.node_ids)
        self._learned |= signers
        models = {**overlay.context.models, **{number: each.data_model for number, each in learned.items()}}
        self._member.overlay = overlay._replace(kinds=learned, context=overlay.context._replace(models=models))

    def instruct(self, refused: Refuse, now: Instant) -> list[Action]:
        """What follows a refusal: who has an older configuration is sent this node's; of a newer one somebody has to know."""
        match refused.refusal:
            case ConfigTooOld():
                return self.update(refused.request.node_id, now)
            case ConfigTooNew():
                return self.outdated(refused.request.message.forwarding_header.configuration_sequence, now)
            case _:
                return []

    def heard(self, response: Incoming, now: Instant) -> list[Action]:
        """An answer says by its header which configuration its sender follows."""
        sequence, own = response.message.forwarding_header.configuration_sequence, self._member.overlay.sequence
        if sequence in (own, ANY_SEQUENCE):
            return []
        # = rfc6940:6.5.4/1
        return self.outdated(sequence, now) if newer(sequence, own) else self.update(response.node_id, now)

    def update(self, node_id: bytes, now: Instant) -> list[Action]:
        """Send a node this node's configuration, unless it was sent lately: one that cannot take it is not flooded."""
        document = self._member.overlay.document
        if not document or self._told.get(node_id, now) > now:
            return []
        self._told[node_id] = Instant(now + PAUSE)
        self._told.move_to_end(node_id)
        if len(self._told) > MOST_TOLD:
            self._told.popitem(last=False)
        body = ConfigUpdateReq(ConfigUpdateType.config, document)
        # = rfc6940:6.3.2.1/5
        return [Ask(self, ("config", node_id), (node_place(node_id),), MessageCode.config_update_req, body)]

    def outdated(self, sequence: int, now: Instant) -> list[Action]:
        """Others have a newer configuration; they are to send it, and whoever runs the node is told, now and then."""
        if self._asked is not None and self._asked[0] == sequence and self._asked[1] > now:
            return []
        self._asked = sequence, Instant(now + PAUSE)
        return [Tell(ConfigurationOutdated(sequence))]

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """The other node follows now, if its answer says so, and is to be told when there is something newer."""
        if answer.message.forwarding_header.configuration_sequence == self._member.overlay.sequence:
            self._told.pop(answer.node_id, None)
        return []

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """The other node does not follow."""
        return [Remark("info", f"a configuration was not taken: {why}")]


def _signers(document: bytes, configuration: Configuration) -> dict[int, frozenset[bytes]]:
    """Who has signed the Kinds of a document; those whose signature does not hold are left out."""
    found: dict[int, frozenset[bytes]] = {}
    own = [each for each in read(document) if each.configuration == configuration] if document else []
    for each in own:
        for block, octets in zip(configuration.kind_blocks, each.kinds, strict=True):
            kind = block.kind.kind_id
            try:
                signed_by = verify_kind(SignedKind(block, octets), configuration)
            except Refusal:
                continue
            if kind is not None:
                found[kind] = frozenset(signed_by.node_ids)
    return found
