"""Which transaction a message belongs to (RFC 3261, sections 8.1.1.7, 8.2.2.2, 9.2, 17.1.3 and 17.2.3).

Keys are compared instead of messages, so that a match costs one look-up, however many transactions there are.
"""

from __future__ import annotations

from disco_ref.entropy import Entropy
from disco_ref.sip.actions import ServerTransaction
from disco_ref.sip.header.identity.via import MAGIC_COOKIE, Via
from disco_ref.sip.message import Request, Response

ClientKey = tuple[str, str]
"""The branch in lower case, and the method."""

Identity = tuple[str, str, int, str]
"""What copies of an initial request share on all ways: Call-ID, tag of From, number and method of CSeq (section 8.2.2.2)."""

AckKey = tuple[str, ...]
"""What an ACK without a magic cookie shares with its INVITE."""

_COOKIE = MAGIC_COOKIE.lower()
_OCTETS = 12
"""Of entropy in a branch: so many that no two are the same."""
_NONE = ""


def new_branch(entropy: Entropy) -> str:
    """A branch for a new transaction (section 8.1.1.7)."""
    # = rfc3261:8.1.1.7/3
    # = rfc3261:8.1.1.7/4
    # = rfc3261:8.1.1.7/5
    return f"{MAGIC_COOKIE}{entropy(_OCTETS).hex()}"


def client_key(request: Request) -> ClientKey:
    """The key of a client transaction; ValueError where the topmost Via has no branch that identifies it."""
    branch = request.headers.via.branch
    if not _identifies(branch):
        raise ValueError(f"no branch of a transaction: {branch!r}")
    return (branch or _NONE).lower(), request.method


def response_key(response: Response) -> ClientKey:
    """The key of the client transaction that a response matches, if there is one (section 17.1.3)."""
    # = rfc3261:17.1.3/0
    headers = response.headers
    return (headers.via.branch or _NONE).lower(), headers.cseq.method


def request_key(request: Request, method: str = "") -> ServerTransaction:
    """The key of the server transaction that a request makes or matches (section 17.2.3).

    ``method`` is that of the transaction where it is not the request's own: INVITE for an ACK, any for a CANCEL.
    An ACK without magic cookie is matched by :func:`ack_key`.
    """
    via = request.headers.via
    branch = via.branch
    if _identifies(branch):
        # = rfc3261:17.2.3/0
        return (branch or _NONE).lower(), _sent_by(via), method or request.method
    tag = request.headers.to.tag or _NONE
    return (*_before_3261(request, via), tag, method or request.method)


def ack_key(request: Request) -> AckKey | None:
    """Of an INVITE or ACK whose branch has no magic cookie: all that both share (section 17.2.3); None for all others.

    The tag in To is not among it: the ACK has that of the response.
    """
    via = request.headers.via
    return None if _identifies(via.branch) else _before_3261(request, via)


def identity(request: Request) -> Identity | None:
    """What the copies of an initial request share on all ways; None for requests within a dialog (section 8.2.2.2)."""
    # = rfc3261:8.2.2.2/1
    headers = request.headers
    if headers.to.tag or request.method in ("ACK", "CANCEL"):
        return None
    # = rfc3261:8.2.2.2/2
    number, method = headers.cseq
    return headers.call_id, headers.from_.tag or _NONE, number, method


def _identifies(branch: str | None) -> bool:
    """Whether a branch begins with the magic cookie, and goes on."""
    # = rfc3261:8.1.1.7/0 silent: the cookie alone identifies nothing; it is taken as a branch without cookie
    return branch is not None and len(branch) > len(_COOKIE) and branch[: len(_COOKIE)].lower() == _COOKIE


def _sent_by(via: Via) -> str:
    host, port = via.host.lower(), via.port_text
    return host if port is None else f"{host}:{port}"


def _before_3261(request: Request, via: Via) -> tuple[str, ...]:
    """Request-URI, tag of From, Call-ID, CSeq number and topmost Via, as they are spelled: a copy has the same octets."""
    headers = request.headers
    tag, number = headers.from_.tag or _NONE, str(headers.cseq.number)
    return str(request.request_uri), tag, headers.call_id, number, str(via)
