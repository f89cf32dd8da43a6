"""The stage of a scenario with a configuration and enrolment server: the harness asks it over HTTPS."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from conformance.errors import Misuse
from conformance.lab.certificates import read_certificate
from conformance.lab.context import read_context
from conformance.lab.hypertext import Hypertext, Part, request, take
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.live.enrolment.accounts import Account
from conformance.live.enrolment.reading import Served, read_document
from conformance.live.enrolment.requests import PKIX, body_of, csr, parameters
from conformance.live.memory.record import Entry, Record
from conformance.live.subject import End, shown
from conformance.live.wants import NotClaimed, NotSeen

ANSWER = 10.0
"""Seconds within which an answer is expected: passwords are checked slowly."""
LATER = (429, 503)
"""Statuses that say when to ask again."""
LONGEST_WAIT, WAITS = 30.0, 4
SECRET = re.compile(rb'(name="password"\r\n(?:[^\r\n]+\r\n)*\r\n)(.*?)(?=\r\n--)', re.DOTALL)
"""A password in a form: what stands before it, and itself."""
WELL_KNOWN = "/.well-known/reload-config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The subject: where its configuration is, and who has an account."""

    url: str
    accounts: tuple[Account, ...] = ()
    authority: Path | None = None
    """Whom to trust with TLS; nobody is verified where it is None."""


class ServerStage:
    """What a scenario with an enrolment server gets."""

    virtual = False
    transport = "tls"
    protocol = "http"

    def __init__(self, server: Server, *, scale: float = 1.0) -> None:
        self.server = server
        self.scale = scale
        self.record = Record()
        self.served: Served | None = None
        self._context: dict[str, Json] = {}

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    @property
    def given(self) -> Mapping[str, Json]:
        """The overlay, its Node-IDs, whom it trusts, as far as its document has been read."""
        return self._context

    def note(self, text: str) -> None:
        """Write something into the evidence."""
        self.record.note(self.now, text)

    # --- what the subject has

    def account(self, number: int = 0) -> Account:
        """One of the plain accounts; raises NotClaimed where there are not so many."""
        plain = [one for one in self.server.accounts if one.ascii]
        if number >= len(plain):
            raise NotClaimed(f"--accounts names {len(plain)} plain accounts")
        return plain[number]

    def account_beyond_ascii(self) -> Account:
        """An account whose user or password is beyond ASCII; raises NotClaimed."""
        found = next((one for one in self.server.accounts if not one.ascii), None)
        if found is None:
            raise NotClaimed("--accounts names no account beyond ASCII")
        return found

    def configuration(self, label: str = "document") -> Served:
        """The configuration document; raises NotSeen where it cannot be had or read."""
        answer = self.ask("GET", self.server.url, label=label)
        try:
            self.served = read_document(answer.body)
        except LabRefusal as refusal:
            raise NotSeen(f"what is served as configuration is none: {refusal}") from None
        self._context = dict(self.served.context)
        return self.served

    # --- asking

    def enrol(
        self, account: Account | None, *, label: str, request: bytes | None = None, nodeids: str = "",
        parts: Sequence[Part] | None = None, accept: str = PKIX, malformed: bool = False,
    ) -> Hypertext:  # fmt: skip
        """Ask for a certificate; raises NotSeen where nothing is answered."""
        made = csr(account.name if account else "") if request is None else request
        row, body = body_of(parameters(account, made, nodeids) if parts is None else parts)
        headers = [("Accept", accept), row]
        return self.ask("POST", self.enrolment_url, headers=headers, body=body, label=label, malformed=malformed)

    def name_in(self, answer: Hypertext) -> str:
        """The user name in the certificate that an answer brings; raises NotSeen where there is none."""
        try:
            read = read_certificate(answer.body, read_context(self._context))
        except LabRefusal as refusal:
            raise NotSeen(f"what the subject gives is no certificate: {refusal}") from None
        if not read.user:
            raise NotSeen("the certificate has no user name")
        return read.user

    @property
    def enrolment_url(self) -> str:
        """Where certificates are asked for; raises NotSeen where the document does not say it."""
        served = self.served or self.configuration()
        if not served.enrolment:
            raise NotSeen("the configuration names no enrollment-server")
        return served.enrolment

    def ask(
        self, method: str, url: str, *, headers: Sequence[tuple[str, str]] = (), body: bytes = b"", label: str = "",
        malformed: bool = False,
    ) -> Hypertext:  # fmt: skip
        """One request over a connection of its own, and its answer; who is told to ask later waits, and does."""
        place = urlsplit(url)
        host, port = place.hostname or "", place.port or 443
        target = place.path or "/"
        octets = request(method, target, shown((host, port)), headers, body)
        for _ in range(WAITS):
            answer = self._exchange((host, port), octets, label, malformed)
            wait = answer.first("Retry-After")
            if answer.status not in LATER or not wait.isdecimal() or float(wait) > LONGEST_WAIT:
                return answer
            self.note(f"the subject wants to be asked again in {wait} seconds")
            time.sleep(float(wait))
        raise NotSeen("the subject puts off what it is asked again and again")

    def _exchange(self, to: End, octets: bytes, label: str, malformed: bool) -> Hypertext:
        limit = ANSWER * max(1.0, self.scale)
        try:
            with socket.create_connection(to, limit) as plain, self._tls(to[0]).wrap_socket(
                plain, server_hostname=to[0]
            ) as end:  # fmt: skip
                near: End = end.getsockname()[:2]
                far: End = end.getpeername()[:2]
                self._keep(near, far, blotted(octets), sent=False, label=label, malformed=malformed)
                end.sendall(octets)
                answer = _answer(end, self.now + limit)
        except LabRefusal as refusal:
            raise NotSeen(f"what {shown(to)} answers is no HTTP: {refusal}") from None
        except OSError as fault:
            raise NotSeen(f"{shown(to)} cannot be asked: {fault}") from None
        if answer is None:
            raise NotSeen(f"{shown(to)} does not answer")
        self._keep(far, near, answer.received, sent=True)
        return answer

    def _tls(self, host: str) -> ssl.SSLContext:
        authority = self.server.authority
        try:
            context = ssl.create_default_context(cafile=str(authority) if authority else None)
        except OSError as fault:
            raise Misuse(f"--ca {authority}: {fault}") from None
        if authority is None:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def _keep(
        self, source: End, destination: End, octets: bytes, *, sent: bool, label: str = "", malformed: bool = False
    ) -> None:
        self.record.entries.append(
            Entry(
                time=self.now, party="client", sent=sent, transport="tls", source=source, destination=destination,
                octets=octets, label=label, malformed=malformed,
            )
        )  # fmt: skip

    def alive(self) -> None:
        """A sane exchange: the configuration is served; raises NotSeen where it is not."""
        try:
            answer = self.ask("GET", self.server.url, label="probe")
        except NotSeen:
            self.record.note(self.now, "the subject does not answer a sane request any more", alive=False)
            raise
        self.record.note(self.now, "the subject answers a sane request", alive=answer.status == 200)

    def tidy(self) -> None:
        """Every connection is closed already."""

    def close(self) -> None:
        """There is no network to end."""


def blotted(octets: bytes) -> bytes:
    """A request without the password in its form: evidence is shown to others."""
    return SECRET.sub(lambda found: found[1] + b"*" * len(found[2]), octets)


def _answer(end: ssl.SSLSocket, limit: float) -> Hypertext | None:
    held = b""
    while (left := limit - time.time()) > 0:
        end.settimeout(left)
        try:
            piece = end.recv(65536)
        except TimeoutError:
            return None
        except ssl.SSLEOFError:
            piece = b""
        held += piece
        found = take(held, ended=not piece)
        if found is not None or not piece:
            return found
    return None
