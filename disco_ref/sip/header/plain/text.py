"""Header fields for people: Subject, Organization, Server, User-Agent (RFC 3261, sections 20.25, 20.35, 20.36, 20.41)."""

from __future__ import annotations

import re

from disco_ref.notation.abnf import any_number, kept, optional, rule
from disco_ref.sip.grammar import CTEXT_SET, QUOTED_PAIR, SWS, TEXT_SET, TOKEN
from disco_ref.sip.header.field import Field, single
from disco_ref.sip.refusals import BadRequest

# [TEXT-UTF8-TRIM]
_TEXT = rule(kept(any_number(TEXT_SET)))
# product  =  token [SLASH product-version]          product-version  =  token
_PRODUCT = rule(TOKEN, optional(f"{SWS}/{SWS}{TOKEN}"))
_COMMENT_TEXT = rule(any_number(CTEXT_SET), f"(?:{QUOTED_PAIR}{any_number(CTEXT_SET)})*")
_SPACE = rule(SWS)

MAX_NESTING = 32
"""Parentheses within parentheses; the grammar sets no bound, so a reader must."""


def comment_end(text: str, start: int, where: str) -> int:
    """The place after the comment that begins at ``start``; BadRequest where it has no end or nests too deep.

    comment  =  LPAREN *(ctext / quoted-pair / comment) RPAREN
    """
    depth, place = 0, start
    while True:
        if place == len(text) or text[place] not in "()":
            raise BadRequest("a comment that does not end", where=where, offset=start)
        depth += 1 if text[place] == "(" else -1
        if depth == 0:
            return place + 1
        if depth > MAX_NESTING:
            raise BadRequest(f"comments nested more than {MAX_NESTING} deep", where=where, offset=start)
        # = rfc3261:25.1/3
        match = _COMMENT_TEXT.match(text, place + 1)
        place = match.end() if match else place + 1


def _trimmed(match: re.Match[str]) -> str:
    return match[1].strip(" \t")


# Most values, matched faster: products and flat comments, one space between them.
_PLAIN_PART = f"(?:{TOKEN}(?:/{TOKEN})?|\\([ -'*-\\[\\]-~]*+\\))"
_plain = rule(_PLAIN_PART, f"(?: {_PLAIN_PART})*").fullmatch


def _products(name: str, text: str) -> str:
    if _plain(text) is not None:
        return text
    text = text.strip(" \t")
    place = 0
    while True:
        if text[place : place + 1] == "(":
            end = comment_end(text, place, name)
        elif match := _PRODUCT.match(text, place):
            end = match.end()
        else:
            raise BadRequest(f"neither product nor comment: {text[place : place + 80]!r}", where=name, offset=place)
        if end == len(text):
            return text
        space = _SPACE.match(text, end)
        place = space.end() if space else end
        if place == end and text[end - 1] != ")" and text[end] != "(":
            raise BadRequest(f"white space is missing before {text[place : place + 40]!r}", where=name, offset=place)


def _server(text: str) -> list[str]:
    return [_products("Server", text)]


def _user_agent(text: str) -> list[str]:
    return [_products("User-Agent", text)]


# Subject       =  ( "Subject" / "s" ) HCOLON [TEXT-UTF8-TRIM]
# = rfc3261:20.36/0
SUBJECT = Field("Subject", single("Subject", _TEXT, _trimmed), compact="s", repeats=False)
# Organization  =  "Organization" HCOLON [TEXT-UTF8-TRIM]
# = rfc3261:20.25/0
ORGANIZATION = Field("Organization", single("Organization", _TEXT, _trimmed), repeats=False)
# Server        =  "Server" HCOLON server-val *(LWS server-val)          server-val  =  product / comment
# = rfc3261:20.35/0
SERVER = Field("Server", _server, repeats=False)
# User-Agent    =  "User-Agent" HCOLON server-val *(LWS server-val)
# = rfc3261:20.41/0
USER_AGENT = Field("User-Agent", _user_agent, repeats=False)
