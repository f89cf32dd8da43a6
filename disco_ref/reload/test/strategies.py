"""Strategies for RELOAD: what the prose demands beyond the struct text."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st

from disco_ref.notation.context import Context, DataModel
from disco_ref.notation.presentation import Unknown
from disco_ref.notation.test.strategies import Overrides, values
from disco_ref.reload.message.bodies import BODIES
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.forwarding_header import RELO_TOKEN, VERSION, WHOLE
from disco_ref.reload.message.forwarding_option import RESPONSE_COPY
from disco_ref.reload.storage.kinds import overlay_context

T = TypeVar("T")


def contexts() -> st.SearchStrategy[Context]:
    """Contexts of overlays of every Node-ID length, with each data model for structs that stand alone."""
    return st.builds(
        lambda length, model: overlay_context(node_id_length=length, data_model=model),
        st.integers(16, 20),
        st.sampled_from(DataModel),
    )


@st.composite
def destinations(draw: st.DrawFn, context: Context, resources: bool = True) -> Destination:
    """Destinations of every type and form."""
    types = [1, 2, 3, 9] if resources else [1, 3, 9]
    number = draw(st.sampled_from(types))
    if number == 1:
        size = context.node_id_length
        return Destination(DestinationType.node, draw(st.binary(min_size=size, max_size=size)))
    if number == 9:
        return Destination(9, Unknown(9, draw(st.binary(max_size=20))))
    if number == 3 and draw(st.booleans()):
        return Destination(DestinationType.opaque_id_type, draw(st.integers(0x8000, 0xFFFF)).to_bytes(2, "big"), True)
    return Destination(DestinationType(number), draw(st.binary(max_size=20)))


def overrides(context: Context) -> Overrides:
    """What is constrained by prose."""
    links = st.lists(destinations(context, False), max_size=3)
    ends = st.lists(destinations(context), max_size=1)
    return {
        "Destination": destinations(context),
        "ForwardingHeader.relo_token": st.just(RELO_TOKEN),
        "ForwardingHeader.version": st.just(VERSION),
        "ForwardingHeader.ttl": st.integers(0, 100),
        "ForwardingHeader.fragment": st.just(WHOLE),
        "ForwardingHeader.via_list": links.map(tuple),
        "ForwardingHeader.destination_list": st.tuples(links, ends).map(lambda pair: (*pair[0], *pair[1])),
        "ForwardingOption.flags": st.sampled_from([0, 0x80]),
        "DataValue.exists": st.just(True),
        "MessageContents.message_code": st.sampled_from([*BODIES, 35, 0x7FFF]),
        "MessageExtension.critical": st.just(False),
        "AttachReqAns.candidates": st.just(()),
    }


def structs(cls: type[T], context: Context) -> st.SearchStrategy[T]:
    """Values of a struct of RELOAD."""
    return values(cls, context, overrides(context))


__all__ = ["RESPONSE_COPY", "contexts", "destinations", "overrides", "structs"]
