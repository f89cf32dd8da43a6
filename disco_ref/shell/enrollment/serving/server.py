"""The configuration and enrolment server over HTTPS (RFC 6940, sections 11.2 and 11.3).

``GET /.well-known/reload-config`` gives the signed configuration, ``POST /enroll`` a certificate.  Passwords are
checked in threads, a few at a time; how many more may wait is bounded, and so is what may be sent.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from klein import Klein
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.threads import deferToThread
from twisted.web.server import Site

from disco_ref.clock import Duration, Instant
from disco_ref.reload.enrollment.attempts import Attempts
from disco_ref.reload.enrollment.configuration import MEDIA_TYPE
from disco_ref.reload.enrollment.request import CERTIFICATE_MEDIA_TYPE
from disco_ref.reload.enrollment.request import MEDIA_TYPE as CSR_MEDIA_TYPE
from disco_ref.reload.enrollment.tokens import BadCsr, FailedAuthentication, NotIssued
from disco_ref.shell.enrollment.files import FilesLost
from disco_ref.shell.enrollment.form import BadForm, Part, read_form
from disco_ref.shell.enrollment.serving.accounts import AccountsLost
from disco_ref.shell.enrollment.serving.https import (
    IDLE,
    BoundedConnections,
    BoundedRequest,
    Clock,
    Exchange,
)
from disco_ref.shell.enrollment.serving.office import Office
from disco_ref.shell.enrollment.serving.passwords import Passwords

# = rfc6940:14.1/0
CONFIGURATION_PATH = "/.well-known/reload-config"
ENROLLMENT_PATH = "/enroll"

AT_ONCE, WAITING = 2, 32
"""Passwords that are checked at one time, and requests that may wait for it."""

Log = Callable[[str], None]


class EnrollmentServer:
    """Answers over HTTPS; what it logs holds account names, never passwords or keys."""

    app = Klein()

    def __init__(
        self, document: Callable[[], bytes], office: Office, passwords: Passwords, now: Callable[[], Instant], log: Log
    ) -> None:
        self._document, self._office, self._passwords, self._now, self._log = document, office, passwords, now, log
        self._turn = DeferredSemaphore(AT_ONCE)
        self._waiting = 0
        self._from_address = Attempts(10, Duration(20.0))
        self._of_account = Attempts(100, Duration(60.0))

    def site(self, clock: Clock) -> BoundedConnections:
        """What is to listen."""
        made = Site(  # type: ignore[no-untyped-call]
            self.app.resource(), requestFactory=BoundedRequest, parsePOSTFormSubmission=False, timeout=IDLE
        )
        made.displayTracebacks = False
        return BoundedConnections(made, clock)

    @app.route(CONFIGURATION_PATH, methods=["GET"])
    def configuration(self, request: Exchange) -> bytes:
        """The configuration document as it stands in the file."""
        try:
            document = self._document()
        except FilesLost as lost:
            self._log(f"no configuration: {lost}")
            return _plain(request, 500, "no configuration")
        # = rfc6940:11.2/7
        request.setHeader("Content-Type", MEDIA_TYPE)
        request.setHeader("Cache-Control", "no-cache")
        return document

    @app.route(ENROLLMENT_PATH, methods=["POST"])
    def enroll(self, request: Exchange) -> Deferred[bytes]:
        """A certificate, or the token that says why there is none."""
        return Deferred.fromCoroutine(self._enroll(request))

    async def _enroll(self, request: Exchange) -> bytes:
        request.setHeader("Cache-Control", "no-store")
        # = rfc6940:11.3/11
        if not _accepts(request.getHeader("Accept")):
            return _plain(request, 406, f"the answer is {CERTIFICATE_MEDIA_TYPE}")
        try:
            form = read_form(request.content.read(), request.getHeader("Content-Type") or "")
        except BadForm as bad:
            return _plain(request, 400, str(bad))
        account, password = _text(form.get("username")), form.get("password", Part("", b"")).octets
        wait = self._wait(request, account)
        if wait > 0 or self._waiting >= WAITING:
            request.setHeader("Retry-After", str(max(1, math.ceil(wait))))
            return _plain(request, 429 if wait > 0 else 503, "later")
        try:
            # = rfc6940:11.3/12
            await self._authenticate(request, account, password)
            issued = self._office.certify(account, _csr(form), _count(form), self._now())
        except NotIssued as refusal:
            self._log(f"{account[:80]!r}: {refusal.token} ({refusal})")
            return _plain(request, 403, refusal.token)
        except (AccountsLost, FilesLost) as lost:
            self._log(f"{account[:80]!r}: {lost}")
            return _plain(request, 500, "the server cannot issue certificates now")
        self._log(f"{account!r}: a certificate is issued")
        # = rfc6940:11.3/24
        request.setHeader("Content-Type", CERTIFICATE_MEDIA_TYPE)
        return issued

    def _wait(self, request: Exchange, account: str) -> float:
        now = self._now()
        by_address = self._from_address.wait(_address(request), now)
        return max(by_address, self._of_account.wait(account.encode("utf-8", "replace"), now))

    async def _authenticate(self, request: Exchange, account: str, password: bytes) -> None:
        # = rfc6940:11.3/17 silent: everything that depends on the account comes after this, and takes as long for nobody
        kept = self._office.password(account)
        self._waiting += 1
        try:
            fits = await self._turn.run(deferToThread, self._passwords.fits, kept, password)
        finally:
            self._waiting -= 1
        who = account.encode("utf-8", "replace")
        if fits:
            # whoever has an account of its own may not begin anew at those of others
            self._of_account.succeeded(who)
            return
        self._from_address.failed(_address(request), self._now())
        self._of_account.failed(who, self._now())
        raise FailedAuthentication("wrong account or password", where="password")


def _plain(request: Exchange, status: int, text: str) -> bytes:
    request.setResponseCode(status)
    # = rfc6940:11.3/25
    request.setHeader("Content-Type", "text/plain")
    return text.encode("ascii")


def _accepts(header: str | None) -> bool:
    """Whether an Accept header takes a certificate; who sends none takes anything (RFC 9110, from memory)."""
    if header is None:
        return True
    kinds = {each.partition(";")[0].strip().lower() for each in header.split(",")}
    return bool(kinds & {CERTIFICATE_MEDIA_TYPE, "application/*", "*/*"})


def _address(request: Exchange) -> bytes:
    return str(getattr(request.getClientAddress(), "host", "")).encode("ascii", "replace")


def _text(part: Part | None) -> str:
    """An account name; one that is not UTF-8 is nobody's."""
    return "" if part is None else part.octets.decode("utf-8", "replace")


def _count(form: dict[str, Part]) -> str | None:
    part = form.get("nodeids")
    return None if part is None else part.octets.decode("ascii", "replace").strip()


def _csr(form: dict[str, Part]) -> bytes:
    part = form.get("csr")
    # = rfc6940:11.3/10
    if part is None or part.media_type != CSR_MEDIA_TYPE:
        raise BadCsr(f"no parameter csr of type {CSR_MEDIA_TYPE}", where="csr")
    return part.octets
