"""Configuration sequence numbers, and the documents behind them (RFC 6940, sections 6.3.2.1 and 6.5.4)."""

from __future__ import annotations

from disco_ref.errors import Refusal
from disco_ref.reload.overlay import ANY_SEQUENCE
from disco_ref.reload.registries import MessageCode

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
