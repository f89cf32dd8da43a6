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
from disco_ref.sip.dialog.willing import Exchange
from disco_ref.sip.header.block import Headers
from disco_ref.sip.header.content.content_type import CONTENT_TYPE
from disco_ref.sip.header.events.info_package import INFO_PACKAGE
from disco_ref.sip.message import Request, Response
from disco_ref.sip.multipart import read_multipart
from disco_ref.sip.refusals import BadInfoPackage, UnsupportedMediaType
from disco_ref.sip.respond import new_tag, refused, respond

ROOM = "info"
"""First word of the owner of transactions here."""

CALL = "call"
"""First word of the usages of dialogs that INVITE makes."""

TELLING = ("INVITE", "UPDATE", "PRACK")
"""The requests of a call that have, or may have, Recv-Info, and so their responses (section 7.1)."""

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


# --- what this side is willing to receive ------------------------------------------------------------------------------


def recv_info(packages: Iterable[str]) -> str:
    """The Recv-Info line of a user agent that is willing to receive these packages, none if there are none (section 5.2.2).

    It stands in every INVITE, and in the reliable responses to requests that have one (section 5.2.3).
    """
    # = rfc6086:5.2.2/1
    # = rfc6086:5.2.2/2
    # = rfc6086:5.2.2/5
    # = rfc6086:5.2.3/1
    return f"Recv-Info: {', '.join(packages)}".rstrip()


# --- one INFO ----------------------------------------------------------------------------------------------------------


def info_lines(package: str, media_type: str = "") -> list[str]:
    """The header lines of an INFO of a package, with the body of this type if there is one (sections 4.2.1 and 4.3.1)."""
    # = rfc6086:4.2.1/1
    # = rfc6086:4.2.1/3
    lines = [f"Info-Package: {package}"]
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
        # = rfc6086:4.2.2/2
        owed = (("Recv-Info", ", ".join(willing)),)
        raise BadInfoPackage(f"not willing to receive {named.value[:40]}", where="Info-Package", headers=owed)
    # = rfc6086:4.3.1/2
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
        """What can be received; each call begins with all of it."""
        self._dialogs = dialogs
        self._entropy = entropy
        self._serial = 0

    # --- what this side says that it takes -----------------------------------------------------------------------------

    def line(self, dialog: Dialog | None = None) -> str:
        """Recv-Info of this side: what it has said in a dialog, or what a call begins with."""
        told = _told(dialog) if dialog is not None else None
        return recv_info(self.willing if told is None else told)

    def line_of(self, packages: Sequence[str]) -> str:
        """Recv-Info of this side where it changes what it takes; NotWilling for what it cannot receive."""
        for each in packages:
            if each not in self.willing:
                raise NotWilling(f"{each[:40]} is none of the packages that can be received", where="Recv-Info")
        return recv_info(packages)

    def owed(self, request: Request) -> tuple[str, ...]:
        """The Recv-Info line of the reliable responses to a request, which must have none where the request has none (section 5.2.3)."""
        # = rfc6086:5.2.3/2
        # = rfc6086:5.2.3/3
        # = rfc6086:5.2.3/4
        return (self.line(self._dialogs.find(request)),) if "recv-info" in request.headers else ()

    def overhears(self, what: Heard | Action) -> None:
        """Every message of calls, on its way in or out: what it says of packages is taken in (section 5.2)."""
        if isinstance(what, RequestReceived):
            self._asks(what.request, by_us=False)
        elif isinstance(what, SendRequest):
            self._asks(what.request, by_us=True)
        elif isinstance(what, ResponseReceived):
            self._answers(what.response, by_us=False)
        elif isinstance(what, SendResponse):
            self._answers(what.response, by_us=True)
        elif isinstance(what, RequestFailed):
            self._over(what.request.headers, ours=True)

    def _asks(self, request: Request, *, by_us: bool) -> None:
        headers = request.headers
        if request.method in TELLING and "recv-info" in headers:
            dialog = self._of(headers, ours=by_us)
            if dialog is not None:
                dialog.invites(request, Exchange(by_us, headers.cseq.number), by_us=by_us)

    def _answers(self, response: Response, *, by_us: bool) -> None:
        headers, status = response.headers, response.status_code
        if status >= 300:
            # A 482 is said of a copy (RFC 3261, section 8.2.2.2): what became of the request it does not say.
            if status != 482:
                self._over(headers, ours=not by_us)
            return
        dialog = self._of(headers, ours=not by_us) if headers.cseq.method in TELLING else None
        if dialog is not None:
            exchange = Exchange(not by_us, headers.cseq.number)
            dialog.invites(response, exchange, by_us=by_us)
            if status >= 200 and dialog.willing is not None:
                dialog.willing.accepted(exchange)

    def _over(self, headers: Headers, *, ours: bool) -> None:
        """A request was rejected, or not answered."""
        dialog = self._of(headers, ours=ours)
        if dialog is not None and dialog.willing is not None and headers.cseq.method in TELLING:
            # = rfc6086:5.2.4/1
            dialog.willing.roll_back(Exchange(ours, headers.cseq.number))

    def _of(self, headers: Headers, *, ours: bool) -> Dialog | None:
        """The dialog of a request of either side, or of a response to it."""
        near, far = (headers.from_.tag, headers.to.tag) if ours else (headers.to.tag, headers.from_.tag)
        return self._dialogs.get(DialogId(headers.call_id, near or "", far or ""))

    # --- INFO in both directions ---------------------------------------------------------------------------------------

    def send(
        self, dialog: DialogId, package: str, *, media_type: str = "", body: bytes = b""
    ) -> tuple[str, list[Action]]:
        """Sends an INFO in a call; NotWilling where the other side does not want it, NoDialog where there is no such call."""
        within = self._dialogs.get(dialog)
        if within is None or not _is_call(within):
            # = rfc6086:4.2.1/4a
            raise NoDialog("no call to send it in", where="INFO")
        if within.willing is None or not within.willing.theirs.admits(package):
            raise NotWilling(f"the other side is not willing to receive {package[:40]}", where="Info-Package")
        self._serial += 1
        id = str(self._serial)
        request = within.request("INFO", info_lines(package, media_type), body)
        target = request.request_uri if within.strict else None
        return id, [SendRequest((ROOM, id), request, target=target)]

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
            # = rfc6086:5.2.2/3
            told = _told(dialog) or ()
            package, media_type, body = received(request, {name: self.willing[name] for name in told})
        except Refusal as refusal:
            response = refused(request, refusal, new_tag(self._entropy))
            return [SendResponse(event.transaction, response)] if response is not None else []
        # = rfc6086:4.2.2/5
        # = rfc6086:4.3.2/1
        answer = SendResponse(event.transaction, respond(request, 200))
        return [answer, Tell(InfoReceived(dialog.id, package, media_type, body, request))]


def _is_call(dialog: Dialog) -> bool:
    return any(usage[0] == CALL for usage in dialog.usages)


def _told(dialog: Dialog) -> tuple[str, ...] | None:
    """What this side takes in a dialog, as it has said last; None where it has not said anything yet."""
    return dialog.willing.ours.packages if dialog.willing is not None else None
