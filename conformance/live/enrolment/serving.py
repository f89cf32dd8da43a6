"""The stage of a scenario with a node that enrols: the harness is the configuration and the enrolment server."""

from __future__ import annotations

import secrets
import selectors
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from conformance.lab.hypertext import Hypertext, Part, parts, response, take
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.live.enrolment.requests import PKIX
from conformance.live.enrolment.starting import Enroller, end
from conformance.live.memory.record import Entry, Record
from conformance.live.network.authority import GOOD, Authority
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.document import Document
from conformance.live.subject import End, bracketed
from conformance.live.wants import NotSeen

XML = "application/p2p-overlay+xml"
NAME = "overlay.example.org"
USER, PASSWORD = "ann", "correct horse battery staple"
PATIENCE = 20.0
"""Seconds that a subject is given to start, and to ask."""
AFTERWARDS = 1.0
"""Seconds in which it has read its last answer."""
READING = 5.0
"""Seconds that a request may take once it has begun."""
HANDSHAKE = 0x16
"""The first octet of a connection over TLS."""


class _Requested:
    """A key of which only the public half is known."""

    def __init__(self, request: x509.CertificateSigningRequest) -> None:
        self._request = request

    def public_key(self) -> object:
        """The key of a signing request."""
        return self._request.public_key()


@dataclass(slots=True)
class Place:
    """One of the two servers."""

    name: str
    socket: socket.socket
    end: End
    path: str
    certificate: str = GOOD
    """What it shows: one of ``network.authority.KINDS``."""
    names: tuple[str, ...] = ()
    """Whom its certificate names, where that is not its own host and the overlay."""

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"https://{bracketed(self.end[0])}:{self.end[1]}{self.path}"


class NodeStage:
    """What a scenario with a node that enrols gets."""

    virtual = False
    transport = "tls"
    protocol = "http"

    def __init__(self, enroller: Enroller, url: str, *, scale: float = 1.0) -> None:
        place = urlsplit(url)
        self.scale = scale
        self.record = Record()
        self.overlay = Overlay(time.time(), NAME)
        self._kept = tempfile.TemporaryDirectory(prefix="disco-conformance-")
        self._authority = Authority(Path(self._kept.name) / "tls")
        self._enroller = enroller
        self._process: subprocess.Popen[bytes] | None = None
        host = place.hostname or "127.0.0.1"
        self.directory = _listening("configuration", (host, place.port or 0), place.path)
        self.office = _listening("enrolment", (host, 0), "/enroll")
        self.document: Callable[[], bytes] = lambda: self.configured().octets()
        """What is served as configuration."""
        self.heard: list[tuple[str, Hypertext]] = []
        """Which of the two servers was asked, and what."""
        self.issued: list[bytes] = []
        """Certificates that were given out, DER."""

    # --- what is played

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    @property
    def given(self) -> Mapping[str, Json]:
        """The overlay's name, whom it trusts."""
        return {"overlay_name": NAME, "trust": [self.overlay.root.hex()]}

    def configured(self, overlay: Overlay | None = None, **changes: object) -> Document:
        """The document of the overlay, or of another one, which names the enrolment server."""
        document = (overlay or self.overlay).document
        further = f"<enrollment-server>{self.office.url}</enrollment-server>"
        return document.changed(sequence=document.sequence, further=further, **changes)

    def note(self, text: str) -> None:
        """Write something into the evidence."""
        self.record.note(self.now, text)

    def start(self, *, count: int = 1) -> None:
        """Start the subject, which is to ask for so many Node-IDs; what was started before is ended."""
        self.tidy()
        folder = Path(self._kept.name) / secrets.token_hex(4)
        folder.mkdir()
        password = folder / "password"
        password.touch(mode=0o600)
        password.write_text(PASSWORD + "\n", "utf-8")
        self._process = self._enroller.start(
            {
                "overlay": NAME, "url": self.directory.url, "ca": str(self._authority.root), "user": USER,
                "password": str(password), "directory": str(folder / "state"), "count": str(count),
            }
        )  # fmt: skip
        self.note(f"the subject is started: {count} Node-IDs, account {USER}")

    def again(self) -> None:
        """End the subject and start it anew, with everything as it should be."""
        self.document = lambda: self.configured().octets()
        for place in (self.directory, self.office):
            place.certificate, place.names = GOOD, ()
        self.heard.clear()
        self.record.note(self.now, "everything is right from here on", facts={"what": "right", "server": ""})
        self.start()

    def asked(self, place: str, within: float = PATIENCE, number: int = 1) -> Hypertext:
        """The request that one of the servers gets; raises NotSeen where none comes."""
        found = self.until(
            lambda: next(iter([each for name, each in self.heard if name == place][number - 1 :]), None), within
        )
        if found is None:
            raise NotSeen(f"the {place} server is not asked")
        return found

    @property
    def over(self) -> bool:
        """Whether the subject has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def ended(self, within: float = AFTERWARDS) -> None:
        """Serve until the subject has ended by itself, or time is up; one that stays is not waited for long."""
        self.until(lambda: self.over or None, within)

    def until(self, found: Callable[[], object], within: float) -> Hypertext | None:
        """Serve until something is found or time is up."""
        limit = self.now + within * max(1.0, self.scale)
        while not (value := found()):
            if (left := limit - self.now) <= 0:
                return None
            self._serve(min(left, 0.2))
        return value if isinstance(value, Hypertext) else None

    # --- serving

    def _serve(self, seconds: float) -> None:
        with selectors.DefaultSelector() as selector:
            for place in (self.directory, self.office):
                selector.register(place.socket, selectors.EVENT_READ, place)
            for key, _ in selector.select(seconds):
                self._take(cast("Place", key.data))

    def _take(self, place: Place) -> None:
        plain, far = place.socket.accept()
        with plain:
            plain.settimeout(READING)
            try:
                first = plain.recv(1, socket.MSG_PEEK)
                secure = first[:1] == bytes([HANDSHAKE])
                self._told(place, "connection", secure=secure, octets=first.hex())
                if not secure:
                    return
                with self._tls(place).wrap_socket(plain, server_side=True) as end:
                    self._told(place, "handshake", shows=place.certificate)
                    self._request(place, end, far[:2])
            except (OSError, LabRefusal) as fault:
                self._told(place, "failed", why=str(fault)[:200])

    def _request(self, place: Place, end: ssl.SSLSocket, far: End) -> None:
        held, asked = b"", None
        while asked is None:
            piece = end.recv(65536)
            if not piece:
                return
            held += piece
            asked = take(held)
        label = f"{place.name} {len([name for name, _ in self.heard if name == place.name]) + 1}"
        self._keep(far, place.end, asked.received, True, label)
        self.heard.append((place.name, asked))
        answer = self._answer(place, asked)
        self._keep(place.end, far, answer, False, label)
        end.sendall(answer)

    def _answer(self, place: Place, asked: Hypertext) -> bytes:
        if asked.target != place.path:
            return response(404, "Not Found", "text/plain", b"nothing is here")
        if place is self.directory:
            return response(200, "OK", XML, self.document())
        try:
            return response(200, "OK", PKIX, self.certificate(parts(asked)))
        except (LabRefusal, ValueError):
            return response(403, "Forbidden", "text/plain", b"bad_CSR")

    def certificate(self, form: list[Part]) -> bytes:
        """A certificate for what a form asks for; ValueError where it asks for nothing that can be given."""
        given = {part.name: part.body for part in form}
        request = x509.load_der_x509_csr(given.get("csr", b""))
        count = int(given.get("nodeids", b"1"))
        if not 1 <= count <= 16:
            raise ValueError("so many Node-IDs are not given")
        key = cast("ec.EllipticCurvePrivateKey", _Requested(request))
        identity = self.overlay.certify(_wanted(request) or f"{USER}@{NAME}", key=key, count=count)
        self.issued.append(identity.certificate)
        return identity.certificate

    def _tls(self, place: Place) -> ssl.SSLContext:
        names = place.names or (place.end[0], NAME)
        file = self._authority.for_names(place.certificate, names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _told(self, place: Place, what: str, **more: Json) -> None:
        facts: dict[str, Json] = {"what": what, "server": place.name, **more}
        self.record.note(self.now, f"{place.name} server: {what} {more}", facts=facts)

    def _keep(self, source: End, destination: End, octets: bytes, sent: bool, label: str) -> None:
        self.record.entries.append(
            Entry(
                time=self.now, party="server", sent=sent, transport="tls", source=source, destination=destination,
                octets=octets, label=label,
            )
        )  # fmt: skip

    def tidy(self) -> None:
        """End the subject."""
        if self._process is not None:
            end(self._process)

    def close(self) -> None:
        """Listen no more."""
        for place in (self.directory, self.office):
            place.socket.close()
        self._kept.cleanup()


def _listening(name: str, at: End, path: str) -> Place:
    family = socket.AF_INET6 if ":" in at[0] else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(at)
    made.listen(16)
    host, port = made.getsockname()[:2]
    return Place(name, made, (host, port), path)


def _wanted(request: x509.CertificateSigningRequest) -> str:
    """The user name in a signing request; empty: there is none."""
    try:
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    return next(iter(names.get_values_for_type(x509.RFC822Name)), "")
