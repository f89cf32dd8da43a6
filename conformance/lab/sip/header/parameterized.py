"""A word or a media type with parameters: Content-Type, Event, Accept-Encoding and their like."""

from __future__ import annotations

from collections.abc import Callable

from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.scanner import ALPHANUM, TOKEN, Scanner
from conformance.lab.sip.value import Json


def media_type(scanner: Scanner) -> Json:
    """``m-type SLASH m-subtype *( SEMI m-parameter )`` (RFC 3261, section 20.15)."""
    scanner.space()
    kind = scanner.token("media type")
    if not scanner.mark("/"):
        raise scanner.fail("'/' expected in a media type")
    subtype = scanner.token("media subtype")
    parameters = scanner.parameters()
    for name, value in parameters.items():
        if value is None:
            raise scanner.fail(f"media type parameter {name} has no value")
    return {"type": kind, "subtype": subtype, "parameters": parameters}


def media_range(scanner: Scanner) -> Json:
    """As a media type, with ``*`` (RFC 3261, section 20.1)."""
    scanner.space()
    kind = scanner.token("media range")
    if not scanner.mark("/"):
        raise scanner.fail("'/' expected in a media range")
    subtype = scanner.token("media subtype")
    if kind == "*" and subtype != "*":
        raise scanner.fail("a range of all types with one subtype", "rfc3261:20.1/0")
    parameters = scanner.parameters()
    _check_q(parameters, scanner)
    return {"type": kind, "subtype": subtype, "parameters": parameters}


def valued(scanner: Scanner) -> Json:
    """``token *( SEMI parameter )``."""
    scanner.space()
    value = scanner.token()
    parameters = scanner.parameters()
    _check_q(parameters, scanner)
    return {"value": value, "parameters": parameters}


def language_range(scanner: Scanner) -> Json:
    """``language-range *( SEMI parameter )`` (RFC 3261, section 20.3)."""
    scanner.space()
    start = scanner.at
    value = "*" if scanner.peek() == "*" else ""
    if value:
        scanner.at += 1
    else:
        value = scanner.some(ALPHANUM | frozenset("-"), "language range")
        if any(not part or len(part) > 8 for part in value.split("-")):
            raise Misread("a language range has parts of one to eight characters", start)
    parameters = scanner.parameters()
    _check_q(parameters, scanner)
    return {"value": value, "parameters": parameters}


def package(scanner: Scanner) -> Json:
    """A name that stands alone as a string, or with parameters as an object (RFC 6086, section 7)."""
    scanner.space()
    name = scanner.token("package name")
    parameters = scanner.parameters()
    return {"value": name, "parameters": parameters} if parameters else name


def event(scanner: Scanner) -> Json:
    """``event-type *( SEMI event-param )`` (RFC 6665, section 8.4)."""
    return {"package": event_type(scanner), "parameters": scanner.parameters()}


def event_type(scanner: Scanner) -> str:
    """``event-package *( "." event-template )``."""
    scanner.space()
    start = scanner.at
    name = scanner.some(TOKEN, "event package")
    if not all(name.split(".")):
        raise Misread("an event package or template is empty", start, "rfc6665:8.4/0")
    return name


def event_name(scanner: Scanner) -> Json:
    """An event type as a value of Allow-Events."""
    return event_type(scanner)


def subscription_state(scanner: Scanner) -> Json:
    """``substate-value *( SEMI subexp-params )`` (RFC 6665, section 8.4)."""
    scanner.space()
    state = scanner.token("subscription state")
    parameters = scanner.parameters()
    for name in ("expires", "retry-after"):
        value = parameters.get(name)
        if name in parameters and not (isinstance(value, str) and value.isascii() and value.isdigit()):
            raise scanner.fail(f"{name} is not a number of seconds", "rfc6665:8.4/0")
    return {"state": state, "parameters": parameters}


def credentials(scanner: Scanner) -> Json:
    """``auth-scheme LWS auth-param *( COMMA auth-param )`` (RFC 3261, sections 20.7 and 20.44)."""
    scanner.space()
    scheme = scanner.token("authentication scheme")
    if not scanner.space():
        raise scanner.fail("white space expected after the authentication scheme")
    return {"scheme": scheme, "parameters": listed_parameters(scanner)}


def authentication_info(scanner: Scanner) -> Json:
    """``ainfo *( COMMA ainfo )`` (RFC 3261, section 20.6)."""
    scanner.space()
    return {"parameters": listed_parameters(scanner)}


def listed_parameters(scanner: Scanner) -> dict[str, Json]:
    """Parameters parted by commas, each with a value."""
    found: dict[str, Json] = {}
    while True:
        start = scanner.at
        name = scanner.token("parameter name").lower()
        if name in found:
            raise Misread(f"parameter {name} stands twice", start, "rfc3261:7.3.1/6")
        if not scanner.mark("="):
            raise scanner.fail(f"parameter {name} has no value")
        quoted = scanner.peek() == '"'
        found[name] = scanner.quoted() if quoted else scanner.token("parameter value")
        if name in _QUOTED and not quoted:
            raise Misread(f"{name} is written in quotes", start, "rfc3261:25.1/0")
        if name == "nc" and not (len(str(found[name])) == 8 and set(str(found[name])) <= _LHEX):
            raise Misread("nc has eight hexadecimal digits in lower case", start, "rfc3261:25.1/0")
        if not scanner.mark(","):
            return found


_LHEX = frozenset("0123456789abcdef")
_QUOTED = frozenset(
    {"username", "realm", "nonce", "uri", "response", "opaque", "cnonce", "domain", "nextnonce", "rspauth"}
)


def _check_q(parameters: dict[str, Json], scanner: Scanner) -> None:
    value = parameters.get("q")
    if "q" not in parameters:
        return
    whole, _, fraction = (value if isinstance(value, str) else "").partition(".")
    fine = whole in ("0", "1") and len(fraction) <= 3 and set(fraction) <= set("0123456789")
    if not fine or (whole == "1" and fraction.strip("0")):
        raise scanner.fail("q is not a number from 0 to 1 with up to three decimals")


def with_q(reader: Callable[[Scanner], Json]) -> Callable[[Scanner], Json]:
    """The same reader, which also looks at the parameter ``q``."""

    def read(scanner: Scanner) -> Json:
        value = reader(scanner)
        if isinstance(value, dict):
            parameters = value.get("parameters")
            if isinstance(parameters, dict):
                _check_q(parameters, scanner)
        return value

    return read
