"""The client of configuration and enrolment servers (RFC 6940, sections 11.2 and 11.3)."""

from __future__ import annotations

import os

from twisted.web.http_headers import Headers

from disco_ref.reload.enrollment.configuration import MEDIA_TYPE
from disco_ref.reload.enrollment.request import CERTIFICATE_MEDIA_TYPE
from disco_ref.reload.enrollment.request import MEDIA_TYPE as CSR_MEDIA_TYPE
from disco_ref.reload.enrollment.tokens import MEANINGS, meaning
from disco_ref.shell.enrollment.form import Part, write_form
from disco_ref.shell.enrollment.member.agent import Answer, Asking, NotEnrolled, Place

_PLAIN = "text/plain;charset=UTF-8"


class Client:
    """Asks for configurations and certificates."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def configuration(self, where: Place) -> bytes:
        """The configuration document at a place; NotEnrolled where there is none."""
        # = rfc6940:11.2/7
        answer = await self._asking.ask(where, b"GET", Headers({"Accept": [f"{MEDIA_TYPE}, */*;q=0.5"]}))
        if answer.status != 200:
            raise NotEnrolled(f"{where.url}: HTTP status {answer.status} instead of a configuration")
        return answer.octets

    async def certificate(self, where: Place, account: str, password: bytes, csr: bytes, node_ids: int) -> bytes:
        """A certificate in DER for a request; NotEnrolled with the token where none is given."""
        parts = [
            ("username", Part(_PLAIN, account.encode("utf-8"))),
            ("password", Part(_PLAIN, password)),
            # = rfc6940:11.3/9
            *([("nodeids", Part(_PLAIN, str(node_ids).encode("ascii")))] if node_ids > 1 else []),
            # = rfc6940:11.3/10
            ("csr", Part(CSR_MEDIA_TYPE, csr)),
        ]
        boundary = os.urandom(24).hex()
        # = rfc6940:11.3/5
        body = write_form(parts, boundary)
        headers = Headers(
            {
                # = rfc6940:11.3/11
                "Accept": [CERTIFICATE_MEDIA_TYPE],
                "Content-Type": [f"multipart/form-data; boundary={boundary}"],
            }
        )
        answer = await self._asking.ask(where, b"POST", headers, body)
        if answer.status != 200 or answer.media_type != CERTIFICATE_MEDIA_TYPE:
            raise _refused(where, answer)
        return answer.octets


def _refused(where: Place, answer: Answer) -> NotEnrolled:
    token = answer.octets[:64].decode("ascii", "replace").strip()
    if answer.status == 403:
        known = token if token in MEANINGS else ""
        return NotEnrolled(f"{where.url}: {meaning(token)}{f' ({known})' if known else ''}", known)
    if answer.status in (429, 503):
        return NotEnrolled(f"{where.url}: too many asked, or too many wrong passwords; try again later")
    return NotEnrolled(f"{where.url}: HTTP status {answer.status} instead of a certificate")
