"""Answers to digest challenges (RFC 3261, section 22.4), right ones and wrong ones."""

from __future__ import annotations

from hashlib import md5, sha256

from conformance.lab.sip import Message
from conformance.lab.sip.value import Json, text_at
from conformance.live.writing import Row, token

ANSWERS = {401: ("www-authenticate", "Authorization"), 407: ("proxy-authenticate", "Proxy-Authorization")}
"""By the status of the challenge: the header that it comes in, and the one that answers it."""
HASHES = {"md5": md5, "sha-256": sha256}


def challenge_of(answer: Message) -> Json:
    """The first challenge that can be answered, None where there is none."""
    name = ANSWERS.get(answer.status or 0, ("", ""))[0]
    known = (one for one in answer.values(name) if _algorithm(one).lower() in HASHES)
    return next((one for one in known if (text_at(one, "scheme") or "").lower() == "digest"), None)


def _algorithm(challenge: Json) -> str:
    return text_at(challenge, "parameters", "algorithm") or "MD5"


def credentials(
    answer: Message, method: str, uri: str, user: str, password: str, *, count: int = 1, nonce: str = "", realm: str = "",
) -> Row | None:  # fmt: skip
    """The row that answers a challenge; ``nonce`` and ``realm`` in the place of the right ones. None for no challenge."""
    challenge = challenge_of(answer)
    if challenge is None:
        return None
    given = {name: text_at(challenge, "parameters", name) or "" for name in ("realm", "nonce", "qop", "opaque")}
    given["nonce"] = nonce or given["nonce"]
    given["realm"] = realm or given["realm"]
    algorithm, own = _algorithm(challenge), token()

    def hashed(text: str) -> str:
        return HASHES[algorithm.lower()](text.encode()).hexdigest()

    secret, asked = hashed(f"{user}:{given['realm']}:{password}"), hashed(f"{method}:{uri}")
    between = f"{given['nonce']}:{count:08x}:{own}:auth" if given["qop"] else given["nonce"]
    words = [f'username="{user}"', f'realm="{given["realm"]}"', f'nonce="{given["nonce"]}"', f'uri="{uri}"',
             f'response="{hashed(f"{secret}:{between}:{asked}")}"', f"algorithm={algorithm}"]  # fmt: skip
    words += [f'opaque="{given["opaque"]}"'] if given["opaque"] else []
    words += [f'cnonce="{own}"', f"nc={count:08x}", "qop=auth"] if given["qop"] else []
    return ANSWERS[answer.status or 0][1], "Digest " + ", ".join(words)
