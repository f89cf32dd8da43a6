r"""The rules that all of SIP is built from, as pattern fragments (RFC 3261, section 25.1).

The fragments match *unfolded* text: each fold (CRLF and the white space around it) is replaced by one SP before (section
7.3.1), so LWS is SP and HTAB here.  Text is UTF-8; octets that are not come as lone surrogates (U+DC80 to U+DCFF) and match
only where the grammar admits UTF8-CONT by itself.
"""

from __future__ import annotations

import re

from disco_ref.notation.abnf import (
    ALPHA,
    ALPHANUM,
    DIGIT,
    HEXDIG,
    WSP,
    any_number,
    between,
    either,
    few,
    one,
    optional,
    rule,
    some,
)

# LWS  =  [*WSP CRLF] 1*WSP          SWS  =  [LWS]
# = rfc3261:25.1/0
LWS = some(WSP)
SWS = any_number(WSP)

# unreserved  =  alphanum / mark     mark  =  "-" / "_" / "." / "!" / "~" / "*" / "'" / "(" / ")"
MARK = r"\-_.!~*'()"
UNRESERVED = ALPHANUM + MARK

# token  =  1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~" )
TOKEN_SET = ALPHANUM + r"\-.!%*_+`'~"
# = rfc3261:25.1/0
TOKEN = some(TOKEN_SET)

# word  =  1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~" / "(" / ")" / "<" / ">" /
#             ":" / "\" / DQUOTE / "/" / "[" / "]" / "?" / "{" / "}" )
WORD = some(TOKEN_SET + r'()<>:\\"/\[\]?{}')

# UTF8-NONASCII, after decoding: any character above U+007F that is not the mark of a stray octet
NON_ASCII = r"\x80-\ud7ff\ue000-\U0010ffff"
STRAY = r"\udc80-\udcff"

# quoted-string  =  SWS DQUOTE *(qdtext / quoted-pair ) DQUOTE
# qdtext         =  LWS / %x21 / %x23-5B / %x5D-7E / UTF8-NONASCII
# quoted-pair    =  "\" (%x00-09 / %x0B-0C / %x0E-7F)
# Sets that hold most characters are written as what they leave out, which ``re`` looks up at once.
QDTEXT_SET = r"^\"\\\x00-\x08\x0a-\x1f\x7f\ud800-\udfff"
# = rfc3261:25.1/3
QUOTED_PAIR = r"\\[\x00-\x09\x0b\x0c\x0e-\x7f]"
QUOTED_STRING = f'"{any_number(QDTEXT_SET)}(?:{QUOTED_PAIR}{any_number(QDTEXT_SET)})*"'

# ctext  =  %x21-27 / %x2A-5B / %x5D-7E / UTF8-NONASCII / LWS
CTEXT_SET = r"^()\\\x00-\x08\x0a-\x1f\x7f\ud800-\udfff"

# TEXT-UTF8-TRIM  =  1*TEXT-UTF8char *(*LWS TEXT-UTF8char)        TEXT-UTF8char  =  %x21-7E / UTF8-NONASCII
TEXT_SET = r"^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff"
# header-value  =  *(TEXT-UTF8char / UTF8-CONT / LWS)
HEADER_VALUE_SET = r"^\x00-\x08\x0a-\x1f\x7f\ud800-\udc7f\udd00-\udfff"

# hostname      =  *( domainlabel "." ) toplabel [ "." ]
# domainlabel   =  alphanum / alphanum *( alphanum / "-" ) alphanum
# toplabel      =  ALPHA / ALPHA *( alphanum / "-" ) alphanum
_LABEL_END = f"(?:-++{some(ALPHANUM)})*"
DOMAINLABEL = some(ALPHANUM) + _LABEL_END
TOPLABEL = one(ALPHA) + any_number(ALPHANUM) + _LABEL_END
HOSTNAME = rf"(?:{DOMAINLABEL}\.)*{TOPLABEL}\.?"
# IPv4address   =  1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT
IPV4 = r"\.".join([between(1, 3, DIGIT)] * 4) + rf"(?![{ALPHANUM}.\-])"
# IPv6reference =  "[" IPv6address "]"
# = rfc3261:25.1/0 exception: IPv6address as in RFC 3986; hexpart of RFC 3261 cannot write [::ffff:192.0.2.1] (RFC 5954)
_H16 = between(1, 4, HEXDIG)
_LS32 = either(f"{_H16}:{_H16}", r"\.".join([between(1, 3, DIGIT)] * 4))
IPV6 = either(
    f"(?:{_H16}:){{6}}{_LS32}",
    f"::(?:{_H16}:){{5}}{_LS32}",
    *(f"(?:(?:{_H16}:){{0,{n}}}{_H16})?::(?:{_H16}:){{{4 - n}}}{_LS32}" for n in range(5)),
    f"(?:(?:{_H16}:){{0,5}}{_H16})?::{_H16}",
    f"(?:(?:{_H16}:){{0,6}}{_H16})?::",
)
IPV6_REFERENCE = rf"\[{IPV6}\]"
# host          =  hostname / IPv4address / IPv6reference
# = rfc3261:25.1/0
HOST = either(IPV4, HOSTNAME, IPV6_REFERENCE)
# port          =  1*DIGIT
PORT = f"0*{between(1, 5, DIGIT)}"

PLAIN_PORT = between(1, 5, DIGIT)
PLAIN_HOST = either(IPV4, few(rf"{some(ALPHANUM)}[.\-]") + one(ALPHA) + any_number(ALPHANUM))
"""Most hosts, matched faster: no IPv6 reference, no dot at the end, no digit behind the last hyphen."""

# generic-param  =  token [ EQUAL gen-value ]
# gen-value      =  token / host / quoted-string
# = rfc3261:25.1/2
GEN_VALUE = either(TOKEN, QUOTED_STRING, IPV6_REFERENCE)
GENERIC_PARAM = f"{TOKEN}(?:{SWS}={SWS}{GEN_VALUE})?"
# *( SEMI generic-param )
GENERIC_PARAMS = f"(?:{SWS};{SWS}{GENERIC_PARAM})*"
PLAIN_QUOTED = r'"[ !#-\[\]-~]*+"'
"""Most quoted-strings, matched faster: ASCII without escapes."""
PLAIN_PARAMS = few(f";{TOKEN}{optional(f'={either(TOKEN, PLAIN_QUOTED)}')}")
"""Most parameters, matched faster: without white space and IPv6 references."""

# qvalue         =  ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
QVALUE = r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)"
# delta-seconds  =  1*DIGIT, up to 2^32-1 (section 20.19); ten digits are told apart by the reader
# = rfc3261:20.19/0
DELTA_SECONDS = f"0*{between(1, 10, DIGIT)}"

_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_TOKEN = rule(TOKEN)
_HOST = rule(HOST)
_UNQUOTABLE = re.compile(f"[{STRAY}\\r\\n]")


def unquote(text: str) -> str:
    """The content of a quoted-string without its quotes and escapes; other text as it is."""
    if not text.startswith('"'):
        return text
    inner = text[1:-1]
    return _QUOTED_PAIR.sub(r"\1", inner) if "\\" in inner else inner


def quote(text: str) -> str:
    """A quoted-string that reads as ``text``; ValueError for CR, LF and stray octets, which none can hold.

    Controls are escaped, too: a quoted-pair may hold them, qdtext may not.
    """
    if _UNQUOTABLE.search(text):
        raise ValueError(f"no quoted-string can hold {text!r}")
    return '"' + re.sub(r'["\\\x00-\x08\x0b-\x1f\x7f]', r"\\\g<0>", text) + '"'


def seconds(text: str | None) -> int | None:
    """The delta-seconds that digits stand for, 2^32-1 for more than that; None for anything but digits."""
    if not text or not text.isascii() or not text.isdecimal():
        return None
    return min(int(text.lstrip("0")[:11] or "0"), 0xFFFFFFFF)


def is_token(text: str) -> bool:
    """Whether the text is one token."""
    return _TOKEN.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Whether the text is a host."""
    return _HOST.fullmatch(text) is not None
