"""What the prose of RFC 6940 demands of single structs and messages, which struct text cannot say.

Each rule raises LabRefusal with its clause and, where the sender is owed one, the error code
of section 14.9.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from conformance.lab.context import Context
from conformance.lab.presentation.refusal import Json, LabRefusal

RELO_TOKEN = 0xD2454C4F
VERSION = 0x0A
"""RELOAD 1.0 (section 6.3.2)."""
INITIAL_TTL = 100
FRAGMENTED = 0x80000000
LAST_FRAGMENT = 0x40000000
OFFSET = 0x00FFFFFF
"""The bits of the fragment field that hold the offset."""
WHOLE = FRAGMENTED | LAST_FRAGMENT
"""The fragment field of a message that is not fragmented (section 6.7)."""
ERROR = 0xFFFF

FORBIDDEN = 2
INCOMPATIBLE_WITH_OVERLAY = 6
UNSUPPORTED_FORWARDING_OPTION = 7
TTL_EXCEEDED = 10
UNKNOWN_EXTENSION = 13
INVALID_MESSAGE = 20

DESTINATION_CRITICAL = 0x02
_FLAGS = 0x07

Rule = Callable[[dict[str, Json], str, int, Context], None]


def overlay_of(name: str) -> int:
    """The overlay field of a message: the low 32 bits of SHA-1 of the overlay's name."""
    # = rfc6940:6.3.2/2
    return int.from_bytes(hashlib.sha1(name.encode(), usedforsecurity=False).digest()[-4:])


def number(value: Json) -> int:
    """A number as the normal form writes it; 0 for what is none, which the encoder then refuses by its place."""
    if isinstance(value, str):
        return int(value) if value.isdecimal() and len(value) <= 40 else 0
    return value if isinstance(value, int) else 0


def objects(value: Json) -> Iterator[dict[str, Json]]:
    """The objects of an array; none where it is hexadecimal because its Kind is unknown."""
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict):
            yield one


def member(value: Json, name: str) -> Json:
    """A member of what should be an object."""
    return value.get(name) if isinstance(value, dict) else None


def forwarding_header(value: dict[str, Json], where: str, offset: int, context: Context) -> None:
    """Section 6.3.2, 6.3.2.2 and 13.6.5: token, overlay, version, TTL, fragment bit, places of Resource-IDs, loops."""
    # = rfc6940:6.3.2/1
    if value["relo_token"] != RELO_TOKEN:
        raise LabRefusal(f"{where}.relo_token", offset, "not 0xd2454c4f", clause="rfc6940:6.3.2/1")
    # = rfc6940:6.3.2/2
    if context.overlay_name is not None and value["overlay"] != overlay_of(context.overlay_name):
        why = f"not the overlay {context.overlay_name}"
        raise LabRefusal(f"{where}.overlay", offset + 4, why, INCOMPATIBLE_WITH_OVERLAY, "rfc6940:6.3.2/2")
    # = rfc6940:6.3.2/4
    if value["version"] != VERSION:
        why = f"version {value['version']} and not 10"
        raise LabRefusal(f"{where}.version", offset + 10, why, INCOMPATIBLE_WITH_OVERLAY, "rfc6940:6.3.2/4")
    # = rfc6940:6.3.2/8
    if number(value["ttl"]) > INITIAL_TTL:
        raise LabRefusal(f"{where}.ttl", offset + 11, "above 100", TTL_EXCEEDED, "rfc6940:6.3.2/8")
    # = rfc6940:6.7/7b
    if not number(value["fragment"]) & FRAGMENTED:
        raise LabRefusal(f"{where}.fragment", offset + 12, "the high bit is not set", clause="rfc6940:6.7/7b")
    # = rfc6940:6.3.2.2/4b
    if any(one["type"] == "resource" for one in objects(value["via_list"])):
        raise LabRefusal(f"{where}.via_list", offset + 38, "a Resource-ID in a Via List", clause="rfc6940:6.3.2.2/4b")
    # = rfc6940:6.3.2.2/4a
    destinations = list(objects(value["destination_list"]))
    if any(one["type"] == "resource" for one in destinations[:-1]):
        why = "a Resource-ID before the end of a Destination List"
        raise LabRefusal(f"{where}.destination_list", offset + 38, why, clause="rfc6940:6.3.2.2/4a")
    # = rfc6940:13.6.5/2
    nodes = [str(member(one["destination_data"], "node_id")) for one in destinations if one["type"] == "node"]
    if len(nodes) > len(set(nodes)):
        why = "a node twice in a Destination List"
        raise LabRefusal(f"{where}.destination_list", offset + 38, why, INVALID_MESSAGE, "rfc6940:13.6.5/2")


def store_req(value: dict[str, Json], where: str, offset: int, context: Context) -> None:
    """Section 7.4.1.1: no Kind twice, no generation 0 in a replica, nothing unsigned."""
    kinds = list(objects(value["kind_data"]))
    # = rfc6940:7.4.1.1/1
    _once([one["kind"] for one in kinds], f"{where}.kind_data", offset, "rfc6940:7.4.1.1/1")
    # = rfc6940:7.4.1.1/15
    if value["replica_number"] != 0 and any(number(one["generation_counter"]) == 0 for one in kinds):
        why = "a replica with a generation counter of 0"
        raise LabRefusal(f"{where}.kind_data", offset, why, clause="rfc6940:7.4.1.1/15")
    # = rfc6940:7.4.1.1/16
    for one in kinds:
        for stored in objects(one["values"]):
            signature = stored["signature"]
            anonymous = member(signature, "algorithm") == {"hash": "none", "signature": "anonymous"}
            if anonymous or member(member(signature, "identity"), "identity_type") == "none":
                raise LabRefusal(
                    f"{where}.kind_data", offset, "a value without signer", FORBIDDEN, "rfc6940:7.4.1.1/16"
                )


def find_req(value: dict[str, Json], where: str, offset: int, context: Context) -> None:
    """Section 7.4.4.1: no Kind twice."""
    # = rfc6940:7.4.4.1/1
    kinds = value["kinds"]
    _once(kinds if isinstance(kinds, list) else [], f"{where}.kinds", offset, "rfc6940:7.4.4.1/1")


def array_range(value: dict[str, Json], where: str, offset: int, context: Context) -> None:
    """Section 7.4.2.1: a range does not end before it begins; 0xffffffff is the last element."""
    first, last = _bounds(value)
    # = rfc6940:7.4.2.1/2
    if first > last:
        raise LabRefusal(where, offset, "ends before it begins", clause="rfc6940:7.4.2.1/2")


def stored_data_specifier(value: dict[str, Json], where: str, offset: int, context: Context) -> None:
    """Section 7.4.2.1: ranges do not overlap."""
    ranges = sorted(_bounds(one) for one in objects(member(value["model_specifier"], "indices")))
    # = rfc6940:7.4.2.1/3b
    if any(after[0] <= before[1] for before, after in zip(ranges, ranges[1:], strict=False)):
        raise LabRefusal(f"{where}.model_specifier.indices", offset, "ranges overlap", clause="rfc6940:7.4.2.1/3b")


def _bounds(value: dict[str, Json]) -> tuple[int, int]:
    return number(value["first"]) & 0xFFFFFFFF, number(value["last"]) & 0xFFFFFFFF


def error_response(value: dict[str, Json], where: str, offset: int, context: Context) -> None:
    """Section 14.9: error code 0 is registered as invalid."""
    # = rfc6940:14.9/0
    if value["error_code"] == 0:
        raise LabRefusal(f"{where}.error_code", offset, "0 is no error", clause="rfc6940:14.9/0")


def attach_req_ans(value: dict[str, Json], where: str, offset: int, context: Context) -> None:
    """Section 6.5.1.1: candidates with ICE and without are not mixed."""
    # = rfc6940:6.5.1.1/4
    links = {one["overlay_link"] for one in objects(value["candidates"])}
    without = {link for link in links if isinstance(link, str) and "NO-ICE" in link}
    if without and "DTLS-UDP-SR" in links:
        why = "candidates with ICE beside candidates without"
        raise LabRefusal(f"{where}.candidates", offset, why, clause="rfc6940:6.5.1.1/4")


def data_value(value: dict[str, Json], where: str, offset: int, context: Context) -> None:
    """Section 7.4.1.3: a value that does not exist has no bytes."""
    # = rfc6940:7.4.1.3/0
    if value["exists"] is False and value["value"] != "":
        raise LabRefusal(
            f"{where}.value", offset + 1, "bytes of a value that does not exist", clause="rfc6940:7.4.1.3/0"
        )


def _once(values: list[Json], where: str, offset: int, clause: str) -> None:
    seen: set[str] = set()
    for one in values:
        if str(one) in seen:
            raise LabRefusal(where, offset, f"the Kind {one} stands twice", clause=clause)
        seen.add(str(one))


RULES: dict[str, Rule] = {
    "ForwardingHeader": forwarding_header,
    "StoreReq": store_req,
    "FindReq": find_req,
    "ArrayRange": array_range,
    "StoredDataSpecifier": stored_data_specifier,
    "ErrorResponse": error_response,
    "AttachReqAns": attach_req_ans,
    "DataValue": data_value,
}


def check(struct: str, value: dict[str, Json], where: str, offset: int, context: Context) -> None:
    """The rules of one struct, where it has any."""
    rule = RULES.get(struct)
    if rule is not None:
        rule(value, where, offset, context)


def check_length(header: dict[str, Json], size: int) -> None:
    """Section 6.3.2: the length in the header is that of the message or fragment."""
    # = rfc6940:6.3.2/0
    if header["length"] != size:
        why = f"says {header['length']} bytes, there are {size}"
        raise LabRefusal("forwarding_header.length", 16, why, clause="rfc6940:6.3.2/0")


def check_whole(header: dict[str, Json]) -> None:
    """Section 6.7: a message is whole where its fragment is the first and the last."""
    fragment = number(header["fragment"])
    # = rfc6940:6.7/6
    if not fragment & LAST_FRAGMENT or fragment & OFFSET:
        raise LabRefusal("forwarding_header.fragment", 12, "a fragment is no message", clause="rfc6940:6.7/6")


def check_contents(header: dict[str, Json], contents: dict[str, Json]) -> None:
    """What a node that answers a whole message demands (sections 6.3.2.3 and 6.3.3)."""
    code = number(contents["message_code"])
    if code == 0:
        # = rfc6940:6.3.3/0
        raise LabRefusal("message_contents.message_code", None, "0 is no message", clause="rfc6940:6.3.3/0")
    answer = code % 2 == 0 or code == ERROR
    for option in objects(header["options"]):
        flags = number(option["flags"])
        where = "forwarding_header.options"
        # = rfc6940:6.3.2.3/1
        if answer and flags & _FLAGS:
            raise LabRefusal(where, None, "flags in a response", clause="rfc6940:6.3.2.3/1")
        # = rfc6940:6.3.2.3/3
        if flags & DESTINATION_CRITICAL:
            why = f"the critical option {option['type']} is not known"
            raise LabRefusal(where, None, why, UNSUPPORTED_FORWARDING_OPTION, "rfc6940:6.3.2.3/3")
    for extension in objects(contents["extensions"]):
        # = rfc6940:6.3.3/1
        if extension["critical"] is True:
            why = f"the critical extension {extension['type']} is not known"
            raise LabRefusal("message_contents.extensions", None, why, UNKNOWN_EXTENSION, "rfc6940:6.3.3/1")


def check_body(code: int, body: Json) -> None:
    """Section 6.5.1.1: who offers an Attach is passive, who answers it is active."""
    # = rfc6940:6.5.1.1/1
    wanted = {3: "passive", 4: "active"}.get(code)
    if wanted is not None and member(body, "role") != wanted.encode().hex():
        raise LabRefusal("message_contents.message_body.role", None, f"not {wanted}", clause="rfc6940:6.5.1.1/1")
