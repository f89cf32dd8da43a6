"""URIs as SIP writes them (RFC 3261, sections 19.1 and 25.1; RFC 3966)."""

from __future__ import annotations

from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.scanner import ALPHANUM, DIGIT, HEX, UNRESERVED, Scanner
from conformance.lab.sip.value import Json

USER = UNRESERVED | frozenset("&=+$,;?/")
PASSWORD = UNRESERVED | frozenset("&=+$,")
PARAMETER = UNRESERVED | frozenset("[]/:&+$")
HEADER = UNRESERVED | frozenset("[]/?:+$")
ABSOLUTE = UNRESERVED | frozenset(";/?:@&=+$,")
SCHEME = ALPHANUM | frozenset("+-.")
PHONE = DIGIT | frozenset("-.()")
LOCAL_PHONE = HEX | frozenset("*#-.()")


def read_uri(text: str) -> dict[str, Json]:
    """A whole URI in the normal form; raises Misread with the character at fault."""
    scanner = Scanner(text)
    scheme = scanner.some(SCHEME, "URI scheme")
    if not scheme[0].isalpha():
        raise Misread("a scheme begins with a letter", 0)
    scanner.expect(":", "':' after the scheme")
    scheme = scheme.lower()
    if scheme in ("sip", "sips"):
        return _sip(scanner, scheme)
    if scheme == "tel":
        return _telephone(scanner)
    opaque = text[scanner.at :]
    _escaped(scanner, ABSOLUTE, "URI")
    if not opaque:
        raise scanner.fail("a URI ends after its scheme")
    if not scanner.done:
        raise scanner.fail(f"{scanner.peek()!r} may not stand in a URI")
    return {"scheme": scheme, "opaque": opaque}


def _sip(scanner: Scanner, scheme: str) -> dict[str, Json]:
    user: str | None = None
    password: str | None = None
    if "@" in scanner.text:
        user = _escaped(scanner, USER, "user")
        if not user:
            raise scanner.fail("an empty user before '@'", "rfc3261:25.1/0")
        if scanner.peek() == ":":
            scanner.at += 1
            password = _escaped(scanner, PASSWORD, "password")
        scanner.expect("@", "'@' after the user")
    host = scanner.host()
    port: int | None = None
    if scanner.peek() == ":":
        scanner.at += 1
        port = scanner.digits("port", 65535)
    parameters = _uri_parameters(scanner)
    headers = _uri_headers(scanner)
    if not scanner.done:
        raise scanner.fail(f"{scanner.peek()!r} may not stand here in a SIP URI")
    _check_parameters(scheme, parameters)
    return {
        "scheme": scheme, "user": user, "password": password, "host": host, "port": port,
        "parameters": parameters, "headers": headers,
    }  # fmt: skip


def _check_parameters(scheme: str, parameters: dict[str, Json]) -> None:
    ttl, transport = parameters.get("ttl"), parameters.get("transport")
    if "ttl" in parameters and not (isinstance(ttl, str) and len(ttl) <= 3 and ttl.isascii() and ttl.isdigit()):
        raise Misread("ttl is not a number of up to three digits", 0)
    if scheme == "sips" and isinstance(transport, str) and transport.lower() == "udp":
        raise Misread("a SIPS URI over an unreliable transport", 0, "rfc3261:19.1.1/8")


def _uri_parameters(scanner: Scanner) -> dict[str, Json]:
    parameters: dict[str, Json] = {}
    while scanner.peek() == ";":
        scanner.at += 1
        start = scanner.at
        name = _escaped(scanner, PARAMETER, "parameter").lower()
        if not name:
            raise scanner.fail("an empty parameter name in a URI")
        if name in parameters:
            raise Misread(f"URI parameter {name} stands twice", start, "rfc3261:19.1.1/7")
        value: str | None = None
        if scanner.peek() == "=":
            scanner.at += 1
            value = _escaped(scanner, PARAMETER, "parameter value")
            if not value:
                raise scanner.fail(f"URI parameter {name} has '=' and no value")
        parameters[name] = value
    return parameters


def _uri_headers(scanner: Scanner) -> dict[str, Json]:
    headers: dict[str, Json] = {}
    separator = "?"
    while scanner.peek() == separator:
        scanner.at += 1
        separator = "&"
        name = _escaped(scanner, HEADER, "header name")
        if not name:
            raise scanner.fail("an empty header name in a URI")
        scanner.expect("=", "'=' after a header name in a URI")
        headers[name.lower()] = _escaped(scanner, HEADER, "header value")
    return headers


def _escaped(scanner: Scanner, allowed: frozenset[str], name: str) -> str:
    start = scanner.at
    while True:
        scanner.run(allowed)
        if scanner.peek() != "%":
            return scanner.text[start : scanner.at]
        digits = scanner.text[scanner.at + 1 : scanner.at + 3]
        if len(digits) < 2 or any(digit not in HEX for digit in digits):
            raise scanner.fail(f"'%' in a {name} is not followed by two hexadecimal digits")
        scanner.at += 3


def _telephone(scanner: Scanner) -> dict[str, Json]:
    start = scanner.at
    international = scanner.peek() == "+"
    if international:
        scanner.at += 1
        scanner.run(PHONE)
    else:
        scanner.run(LOCAL_PHONE)
    number = scanner.text[start : scanner.at]
    if not any(character in (DIGIT if international else HEX | frozenset("*#")) for character in number):
        raise Misread("a telephone number without a digit", start, "rfc3966:3/0")
    parameters = _uri_parameters(scanner)
    if not scanner.done:
        raise scanner.fail(f"{scanner.peek()!r} may not stand here in a tel URI", "rfc3966:3/0")
    for name in parameters:
        if any(character not in ALPHANUM | frozenset("-") for character in name):
            raise Misread(f"parameter name {name}", start, "rfc3966:3/0")
    if not international and "phone-context" not in parameters:
        raise Misread("a local number without phone-context", start, "rfc3966:5.1.4/0")
    return {"scheme": "tel", "number": number, "parameters": parameters}
