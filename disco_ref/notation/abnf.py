r"""Fragments of regular expressions for rules in augmented BNF (RFC 5234, section 3 and appendix B.1).

A fragment is the text of a pattern; fragments are joined into the pattern of one rule, which is printed above it.
A *set* is the inside of a character class (``ALPHA``, ``DIGIT``), so that sets can be joined: ``ALPHA + DIGIT + "-"``.

Patterns made of these fragments cannot run away.  A repetition of one set is possessive (``[..]*+``): what it took, it
keeps.  A repetition of a group gives back whole turns only, and each turn begins with a delimiter at which nothing that
follows can begin, so that giving back fails at once.  Groups are never possessive or atomic themselves: ``re`` of Python
3.11.0 to 3.11.4 matches those wrongly (CPython issues 100061 and 106052).
"""

from __future__ import annotations

import re

ALPHA = "A-Za-z"
DIGIT = "0-9"
HEXDIG = "0-9A-Fa-f"
ALPHANUM = ALPHA + DIGIT
WSP = r" \t"

CR, LF, CRLF = "\r", "\n", "\r\n"


def one(members: str) -> str:
    """One character of a set."""
    return f"[{members}]"


def some(members: str) -> str:
    """One or more characters of a set: ``1*( )``."""
    return f"[{members}]++"


def any_number(members: str) -> str:
    """Any number of characters of a set, also none: ``*( )``."""
    return f"[{members}]*+"


def between(least: int, most: int, members: str) -> str:
    """From ``least`` to ``most`` characters of a set: ``2*4( )``."""
    return f"[{members}]{{{least},{most}}}"


ESCAPED = f"%{between(2, 2, HEXDIG)}"
"""``escaped = "%" HEXDIG HEXDIG`` (RFC 3261, section 25.1; RFC 3986, section 2.1)."""


def any_escaped(members: str) -> str:
    """Any number of characters of a set or escapes: ``*( members / escaped )``."""
    return f"{any_number(members)}(?:{ESCAPED}{any_number(members)})*"


def some_escaped(members: str) -> str:
    """One or more characters of a set or escapes: ``1*( members / escaped )``."""
    return f"(?:{one(members)}|{ESCAPED}){any_escaped(members)}"


def optional(fragment: str) -> str:
    """Once or not at all: ``[ ]``; written as a branch, which ``re`` enters faster than a repetition."""
    return f"(?:{fragment}|)"


def repeated(fragment: str) -> str:
    """Any number of turns of a group; each turn must begin with a delimiter of its own."""
    return f"(?:{fragment})*"


def few(fragment: str, turns: int = 3) -> str:
    """The same as :func:`repeated`, faster where there are few turns: so many are written out as branches."""
    text = repeated(fragment)
    for _ in range(turns):
        text = optional(fragment + text)
    return text


def either(*fragments: str) -> str:
    """One of several, the first that fits: ``( / )``."""
    return f"(?:{'|'.join(fragments)})"


def kept(fragment: str) -> str:
    """A part of the rule whose text is wanted."""
    return f"({fragment})"


def any_case(literal: str) -> str:
    """A literal in any case, as ABNF reads quoted text (RFC 5234, section 2.3)."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else re.escape(c) for c in literal)


def rule(*fragments: str) -> re.Pattern[str]:
    """The compiled pattern of one rule."""
    return re.compile("".join(fragments))
