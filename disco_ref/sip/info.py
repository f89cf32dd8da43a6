"""INFO and its packages: what a user agent is willing to receive, what it gets and sends within a call (RFC 6086)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal, Unexpected
from disco_ref.sip.actions import (
    Action,
    Heard,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendRequest,
    SendResponse,
    Tell,
)
from disco_ref.sip.dialog.dialog import Dialog, DialogId, NoDialog
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.header.content.content_type import CONTENT_TYPE
from disco_ref.sip.header.events.info_package import INFO_PACKAGE, RECV_INFO
from disco_ref.sip.message import Message, Request, Response
from disco_ref.sip.multipart import read_multipart
from disco_ref.sip.refusals import BadInfoPackage, UnsupportedMediaType
from disco_ref.sip.respond import new_tag, refused, respond

ROOM = "info"
"""First word of the owner of transactions here."""

CALL = "call"
"""First word of the usages of dialogs that INVITE makes."""

# --- values ------------------------------------------------------------------------------------------------------------


class InfoPackage(NamedTuple):
    """One package, and what it carries (section 10)."""

    name: str
    """As it is written; case counts."""
    media_types: frozenset[str] = frozenset()
    """Of its body parts, in lower case; empty: it carries none."""


InfoPackages = Mapping[str, InfoPackage]
"""By name."""


class InfoReceived(NamedTuple):
    """An INFO that was answered with 200; what its receiver makes of it is said by an INFO of its own (section 4.2.2)."""

    dialog: DialogId
    package: str | None
    """None: a legacy INFO (section 3)."""
    media_type: str
    """Of the body that belongs to the package, in lower case; empty without one."""
    body: bytes
    request: Request


class InfoAnswered(NamedTuple):
    """The final response to an INFO of ours; 408 or 503 where none came.  Whatever it says, the call goes on (section 4.2.1)."""

    id: str
    status: int
    response: Response | None


# --- what each side is willing to receive ------------------------------------------------------------------------------


def recv_info(packages: Iterable[str]) -> str:
    """The Recv-Info line of a user agent that is willing to receive these packages, none if there are none (section 5.2.2).

    It stands in every INVITE that begins a session, and in the reliable responses to requests that have one (section 5.2.3).
    """
    # = rfc6086:5.2.2/1
    # = rfc6086:5.2.2/2
    # = rfc6086:5.2.2/5
    # = rfc6086:5.2.3/1
    return f"Recv-Info: {', '.join(packages)}".rstrip()


def recv_info_owed(request: Request) -> bool:
    """Whether a reliable response to this request has a Recv-Info line; otherwise it must not (section 5.2.3)."""
    # = rfc6086:5.2.3/2
    # = rfc6086:5.2.3/3
    return "recv-info" in request.headers


class Willingness:
    """What the other side of one session is willing to receive, as its messages say (section 5.2)."""

    __slots__ = ("_before", "packages")

    def __init__(self) -> None:
        self.packages: frozenset[str] | None = None
        """None: it has not said that it knows of packages."""
        self._before: frozenset[str] | None = None

    def said(self, message: Message) -> None:
        """A message of the other side within the session, or that begins it; one without Recv-Info changes nothing.

        A request that is then rejected is taken back by :meth:`roll_back`; a 469 is no such message (section 4.2.2).
        """
        # = rfc6086:4.2.2/2
        if isinstance(message, Response) and message.status_code == 469:
            return
        if "recv-info" in message.headers:
            self._before = self.packages
            self.packages = frozenset(each.value for each in message.headers.all(RECV_INFO))

    def roll_back(self) -> None:
        """The request, or the one that was answered provisionally, has been rejected (section 5.2.4)."""
        # = rfc6086:5.2.4/1
        self.packages = self._before

    def admits(self, package: str) -> bool:
        """Whether an INFO of this package may be sent."""
        # = rfc6086:4.2.1/4b
        # = rfc6086:5.2.2/4
        return self.packages is not None and package in self.packages


# --- one INFO ----------------------------------------------------------------------------------------------------------


def info_lines(package: str, media_type: str = "", parameters: str = "") -> list[str]:
    """The header lines of an INFO of a package, with the body of this type if there is one (sections 4.2.1 and 4.3.1)."""
    # = rfc6086:4.2.1/1
    # = rfc6086:4.2.1/3
    lines = [f"Info-Package: {package}{parameters}"]
    if media_type:
        lines += [f"Content-Type: {media_type}", "Content-Disposition: Info-Package"]
    return lines


def _content(request: Request) -> tuple[str, bytes]:
    """The body that belongs to the package: the part that says so, or else the whole."""
    if not request.body:
        return "", b""
    media_type = request.headers.one(CONTENT_TYPE)
    if _disposed(request.headers.texts("content-disposition")) or not media_type.name.startswith("multipart/"):
        return media_type.name, request.body
    # = rfc6086:4.3.1/1
    for part in read_multipart(media_type, request.body).parts:
        fields = part.headers
        if _disposed([fields.get("content-disposition", "")]):
            found = CONTENT_TYPE.read(fields["content-type"]) if "content-type" in fields else None
            return (found[0].name if found else "text/plain"), part.body
    return media_type.name, request.body


def _disposed(texts: Sequence[str]) -> bool:
    return any(text.partition(";")[0].strip().lower() == "info-package" for text in texts)


def received(request: Request, willing: InfoPackages) -> tuple[str | None, str, bytes]:
    """Package, media type and body of an INFO.

    Refused are: a package that this side is not willing to receive (469), a body that the package does not carry (415), and
    what is malformed (400).  A legacy INFO, without package, is taken whatever it carries: its types are for Accept to tell.
    """
    named = request.headers.first(INFO_PACKAGE)
    media_type, body = _content(request)
    if named is None:
        return None, media_type, body
    package = willing.get(named.value)
    if package is None:
        # = rfc6086:4.2.2/1
        owed = (("Recv-Info", ", ".join(willing)),)
        raise BadInfoPackage(f"not willing to receive {named.value[:40]}", where="Info-Package", headers=owed)
    if media_type and media_type not in package.media_types:
        # = rfc6086:4.2.2/3
        accepted = (("Accept", ", ".join(sorted(package.media_types))),)
        why = f"{media_type[:80]} is not of the package {package.name}"
        raise UnsupportedMediaType(why, where="Content-Type", headers=accepted)
    return package.name, media_type, body


class NotWilling(Unexpected):
    """The other side has not said that it is willing to receive the package (section 5.2.2): nothing is sent."""


class Infos:
    """INFO within the calls of a user agent, of both sides; owners begin with ``info``."""

    def __init__(self, dialogs: Dialogs, willing: InfoPackages, entropy: Entropy) -> None:
        self.willing = willing
        """What is received, for every call alike."""
        self._dialogs = dialogs
        self._entropy = entropy
        self._serial = 0

    def line(self) -> str:
        """Recv-Info of this side."""
        return recv_info(self.willing)

    def send(
        self,
        dialog: DialogId,
        other: Willingness,
        package: str,
        *,
        media_type: str = "",
        body: bytes = b"",
        parameters: str = "",
    ) -> tuple[str, list[Action]]:
        """Sends an INFO in a call; NotWilling where the other side does not want it, NoDialog where there is no such call.

        ``parameters`` begin with a semicolon.
        """
        within = self._dialogs.get(dialog)
        if within is None or not _is_call(within):
            # = rfc6086:4.2.1/4a
            raise NoDialog("no call to send it in", where="INFO")
        if not other.admits(package):
            raise NotWilling(f"the other side is not willing to receive {package}", where="Info-Package")
        self._serial += 1
        id = str(self._serial)
        request = within.request("INFO", info_lines(package, media_type, parameters), body)
        return id, [SendRequest((ROOM, id), request, target=request.request_uri if within.strict else None)]

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """An INFO, or what became of one of ours."""
        if isinstance(event, RequestReceived):
            return self._received(event) if event.request.method == "INFO" else []
        if isinstance(event, ResponseReceived) and event.owner[0] == ROOM:
            status = event.response.status_code
            # = rfc6086:4.2.1/5
            return [Tell(InfoAnswered(event.owner[1], status, event.response))] if status >= 200 else []
        if isinstance(event, RequestFailed) and event.owner[0] == ROOM:
            return [Tell(InfoAnswered(event.owner[1], event.status, None))]
        return []

    def _received(self, event: RequestReceived) -> list[Action]:
        request = event.request
        try:
            dialog = self._dialogs.receive(request)
            if not _is_call(dialog):
                raise NoDialog("no call it belongs to", where="To")
            package, media_type, body = received(request, self.willing)
        except Refusal as refusal:
            response = refused(request, refusal, new_tag(self._entropy))
            return [SendResponse(event.transaction, response)] if response is not None else []
        # = rfc6086:4.2.2/5
        # = rfc6086:4.3.2/1
        answer = SendResponse(event.transaction, respond(request, 200))
        return [answer, Tell(InfoReceived(dialog.id, package, media_type, body, request))]


def _is_call(dialog: Dialog) -> bool:
    return any(usage[0] == CALL for usage in dialog.usages)
