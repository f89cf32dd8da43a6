"""A cursor over one header value (RFC 3261, section 25.1).

Values arrive unfolded: a line fold has become one space.  Octets that are not UTF-8 arrive as
lone surrogates and are refused wherever the grammar names characters.
"""

from __future__ import annotations

import string

from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.value import Json

ALPHANUM = frozenset(string.ascii_letters + string.digits)
DIGIT = frozenset(string.digits)
HEX = frozenset(string.hexdigits)
TOKEN = ALPHANUM | frozenset("-.!%*_+`'~")
WORD = TOKEN | frozenset('()<>:\\"/[]?{}')
UNRESERVED = ALPHANUM | frozenset("-_.!~*'()")
HOST = ALPHANUM | frozenset("-.")


def is_token(text: str) -> bool:
    """Whether the whole text is one token."""
    return bool(text) and all(character in TOKEN for character in text)


class Scanner:
    """Reads a value from left to right; every failure says at which character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        """The next character, empty at the end."""
        return self.text[self.at : self.at + 1]

    @property
    def done(self) -> bool:
        """Whether everything is read."""
        return self.at >= len(self.text)

    def fail(self, what: str, clause: str = "rfc3261:25.1/0") -> Misread:
        """The failure at the present place."""
        return Misread(what, self.at, clause)

    def space(self) -> bool:
        """Skip white space; tells whether there was any."""
        start = self.at
        while self.peek() in (" ", "\t") and not self.done:
            self.at += 1
        return self.at > start

    def run(self, allowed: frozenset[str]) -> str:
        """The longest run of allowed characters, possibly empty."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in allowed:
            self.at += 1
        return self.text[start : self.at]

    def some(self, allowed: frozenset[str], name: str) -> str:
        """A non-empty run, or a failure that names what is missing."""
        found = self.run(allowed)
        if not found:
            raise self.fail(
                f"{name} expected, {self.peek()!r} found" if not self.done else f"{name} expected, end found"
            )
        return found

    def token(self, name: str = "token") -> str:
        """A token."""
        return self.some(TOKEN, name)

    def digits(self, name: str, highest: int, clause: str = "rfc3261:25.1/0") -> int:
        """A whole number of decimal digits up to a bound."""
        start = self.at
        found = self.some(DIGIT, name)
        # A number of thousands of digits is out of every bound; it is not converted.
        significant = found.lstrip("0") or "0"
        if len(significant) > 20 or int(significant) > highest:
            raise Misread(f"{name} is above {highest}", start, clause)
        return int(significant)

    def expect(self, mark: str, name: str = "") -> None:
        """Exactly this text."""
        if not self.text.startswith(mark, self.at):
            raise self.fail(f"{name or repr(mark)} expected, {self.peek()!r} found")
        self.at += len(mark)

    def mark(self, character: str) -> bool:
        """A separator with optional white space around it; False and no movement where it is absent."""
        start = self.at
        self.space()
        if self.peek() == character and character:
            self.at += 1
            self.space()
            return True
        self.at = start
        return False

    def quoted(self) -> str:
        """A quoted string without its quotes and escapes."""
        start = self.at
        self.expect('"')
        out: list[str] = []
        while not self.done:
            character = self.text[self.at]
            self.at += 1
            if character == '"':
                return "".join(out)
            if character == "\\":
                character = self.peek()
                if self.done or character in "\r\n" or character > "\x7f":
                    raise self.fail("an escape may not be followed by this")
                self.at += 1
            elif not _is_text(character) or character == "\x7f":
                self.at -= 1
                raise self.fail(f"character {ord(character):#x} may not stand in a quoted string")
            out.append(character)
        raise Misread("a quoted string is not closed", start)

    def comment(self) -> str:
        """A comment in parentheses, possibly nested, without the outer ones."""
        start = self.at
        self.expect("(")
        depth = 1
        while not self.done:
            character = self.text[self.at]
            self.at += 1
            if character == "\\":
                self.at += 1
            elif character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
                if not depth:
                    return self.text[start + 1 : self.at - 1]
            elif not _is_text(character):
                raise self.fail("character not allowed in a comment")
        raise Misread("a comment is not closed", start)

    def end(self) -> None:
        """Nothing but white space may follow."""
        self.space()
        if not self.done:
            raise self.fail(f"{self.peek()!r} after the end of the value")

    def parameters(self, bare_address: frozenset[str] = frozenset()) -> dict[str, Json]:
        """``*( SEMI generic-param )``; names in lower case, None where there is no value."""
        found: dict[str, Json] = {}
        while self.mark(";"):
            start = self.at
            name = self.token("parameter name").lower()
            if name in found:
                raise Misread(f"parameter {name} stands twice", start, "rfc3261:7.3.1/6")
            found[name] = self.parameter_value(name in bare_address) if self.mark("=") else None
        return found

    def parameter_value(self, bare_address: bool = False) -> str:
        """A token, a host, or a quoted string."""
        if self.peek() == '"':
            return self.quoted()
        if self.peek() == "[":
            return self.reference()
        return self.some(TOKEN | frozenset(":") if bare_address else TOKEN, "parameter value")

    def reference(self) -> str:
        """An IPv6 address in brackets, brackets included."""
        start = self.at
        self.expect("[")
        inside = self.run(HEX | frozenset(":."))
        self.expect("]")
        if not is_ipv6(inside):
            raise Misread("not an IPv6 address", start)
        return f"[{inside}]"

    def host(self) -> str:
        """A host name, an IPv4 address or an IPv6 reference."""
        if self.peek() == "[":
            return self.reference()
        start = self.at
        found = self.some(HOST, "host")
        fault = host_fault(found)
        if fault:
            raise Misread(fault, start)
        return found


def _is_text(character: str) -> bool:
    return character == "\t" or (character >= " " and character != "\x7f" and not "\ud800" <= character <= "\udfff")


def is_ipv6(text: str) -> bool:
    """Whether the text is an IPv6 address without brackets."""
    if "." in text:
        front, _, tail = text.rpartition(":")
        if not is_ipv4(tail):
            return False
        text = f"{front}:0:0"
    if text.count("::") > 1 or ":::" in text:
        return False
    groups = [group for half in text.split("::") for group in half.split(":") if half]
    if any(not group or len(group) > 4 or any(c not in HEX for c in group) for group in groups):
        return False
    return len(groups) == 8 if "::" not in text else len(groups) <= 7


def is_ipv4(text: str) -> bool:
    """Whether the text is four decimal octets."""
    parts = text.split(".")
    return len(parts) == 4 and all(p and len(p) <= 3 and all(c in DIGIT for c in p) and int(p) < 256 for p in parts)


def host_fault(name: str) -> str | None:
    """Why a name is no host, None where it is one."""
    if is_ipv4(name):
        return None
    labels = name[:-1].split(".") if name.endswith(".") else name.split(".")
    for label in labels:
        if not label or label.startswith("-") or label.endswith("-"):
            return f"{name!r} has an empty label or one that begins or ends with a hyphen"
    if labels[-1][0] in DIGIT:
        return f"{name!r} is neither an address nor ends in a label that begins with a letter"
    return None
