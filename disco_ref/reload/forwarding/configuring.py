"""Configuration sequence numbers, and the documents behind them (RFC 6940, sections 6.3.2.1 and 6.5.4)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal, Unauthorized
from disco_ref.reload.actions import About, Action, Ask, Incoming, Refuse, Remark, Reply, Tell
from disco_ref.reload.enrollment.document import read, read_kind_block
from disco_ref.reload.enrollment.signing import verify_configuration, verify_kind
from disco_ref.reload.forwarding.config_update import ConfigUpdateAns, ConfigUpdateReq, ConfigUpdateType
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.member import Member
from disco_ref.reload.overlay import ANY_SEQUENCE, KindDefinition, kind_definition, overlay_of
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.room import Quiet

_MODULUS = 65535


class ConfigTooOld(Refusal):
    """The sender knows an older configuration (Error_Config_Too_Old); it is to be told of the newer one."""

    error_code = 15


class ConfigTooNew(Refusal):
    """The sender knows a newer configuration (Error_Config_Too_New)."""

    error_code = 16


def newer(sequence: int, than: int) -> bool:
    """Whether one sequence number comes after another, both counted modulo 65535 as TCP counts."""
    # = rfc6940:6.3.2.1/0
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


class Configuring(Quiet):
    """Takes newer configurations, and hands out its own to nodes that have an older one."""

    __slots__ = ("_member",)

    def __init__(self, member: Member) -> None:
        self._member = member

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """ConfigUpdate (section 6.5.4)."""
        body = request.body
        if not isinstance(body, ConfigUpdateReq):
            raise Malformed("this is no ConfigUpdate")
        match body.type, body.update:
            case ConfigUpdateType.config, bytes() as document:
                self._take(document, now)
            case ConfigUpdateType.kind, tuple() as kinds:
                self._learn(kinds, now)
            case _:
                raise Malformed(f"an update of type {int(body.type)} is not known", where="ConfigUpdateReq.type")
        overlay = self._member.overlay
        changed = ConfigurationChanged(overlay.sequence, tuple(overlay.kinds))
        return [Reply(request, ConfigUpdateAns()), Tell(changed)]

    def _take(self, document: bytes, now: Instant) -> None:
        """Follow a document, if it is newer and its signature holds."""
        current = self._member.overlay
        found = [each for each in read(document) if each.configuration.instance_name == current.name]
        if len(found) != 1:
            raise Malformed("no configuration of this overlay", where="ConfigUpdateReq.config_data")
        sequence = found[0].configuration.sequence or 0
        # = rfc6940:6.5.4.2/1
        if not newer(sequence, current.sequence):
            raise ConfigTooOld(f"configuration {sequence} is not newer than {current.sequence}")
        # = rfc6940:6.5.4.2/1
        verify_configuration(found[0], current.configuration, now)
        # = rfc6940:6.5.4.2/4
        self._member.overlay = overlay_of(found[0].configuration, document)

    def _learn(self, kinds: tuple[bytes, ...], now: Instant) -> None:
        """Know new Kinds, if a kind-signer has signed each."""
        overlay = self._member.overlay
        learned: dict[int, KindDefinition] = dict(overlay.kinds)
        for octets in kinds:
            signed = read_kind_block(octets)
            # = rfc6940:6.5.4.2/3
            verify_kind(signed, overlay.configuration, now)
            definition = kind_definition(signed.block.kind)
            if definition is None:
                raise Malformed("a Kind that cannot be stored here", where="ConfigUpdateReq.kinds")
            if learned.get(definition.kind, definition) != definition:
                raise KindOfAnother(f"Kind {definition.kind} is another one here", where="ConfigUpdateReq.kinds")
            learned[definition.kind] = definition
        models = {**overlay.context.models, **{number: each.data_model for number, each in learned.items()}}
        self._member.overlay = overlay._replace(kinds=learned, context=overlay.context._replace(models=models))

    def instruct(self, refused: Refuse, now: Instant) -> list[Action]:
        """A node that was refused for an older configuration is sent this node's."""
        document = self._member.overlay.document
        if not isinstance(refused.refusal, ConfigTooOld) or not document:
            return []
        other = refused.request.node_id
        body = ConfigUpdateReq(ConfigUpdateType.config, document)
        # = rfc6940:6.3.2.1/5
        return [Ask(self, ("config", other), (node_place(other),), MessageCode.config_update_req, body)]

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """The other node follows now."""
        return []

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """The other node does not follow."""
        return [Remark("info", f"a configuration was not taken: {why}")]
