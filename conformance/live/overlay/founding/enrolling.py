"""The harness enrols with the subject's overlay: a PKCS #10 request by POST, as any node does (RFC 6940, section 11.3)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from conformance.errors import Misuse, TargetFault, said
from conformance.lab.certificates import read_certificate
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import LabRefusal
from conformance.live.enrolment.accounts import Account
from conformance.live.enrolment.asking import Server, ServerStage
from conformance.live.enrolment.reading import Served, read_document
from conformance.live.overlay.founding.foreign import ForeignOverlay
from conformance.live.overlay.identity import Identity
from conformance.live.wants import NotClaimed, NotSeen

GIVEN = 200
"""The status with which a certificate comes."""


class Membership:
    """What the harness is in the subject's overlay."""

    def __init__(self, configuration: str, enrolment: str, accounts: Sequence[Account], authority: Path | None) -> None:
        """``configuration`` is a file or an https address.  Raises Misuse, TargetFault."""
        self._accounts = tuple(accounts)
        self._authority = authority
        self._alone: set[int] = set()
        """Accounts that have all Node-IDs that they get."""
        self._octets = self._fetched(configuration)
        try:
            served = read_document(self._octets)
            self._known = [list[Identity]() for _ in self._accounts]
            self.overlay()
        except LabRefusal as refusal:
            raise Misuse(f"--configuration {configuration}: {refusal}") from None
        self._served = Served(name=served.name, enrolment=enrolment or served.enrolment, roots=served.roots)
        if not self._served.enrolment:
            raise Misuse(f"--configuration {configuration}: it names no enrollment-server; name it by --enroll URL")

    def overlay(self) -> ForeignOverlay:
        """The overlay for one scenario; identities are kept from one to the next."""
        used = [0] * len(self._accounts)

        def enrols(account: int | None) -> Identity:
            wanted = range(len(self._accounts))[::-1] if account is None else [account] if account < len(used) else []
            for number in wanted:
                if self._has(number, used[number]):
                    used[number] += 1
                    return self._known[number][used[number] - 1]
            raise NotClaimed(
                f"the scenario has more parties than the harness has accounts in the subject's overlay ({len(used)}): name more by --accounts"
            )

        return ForeignOverlay(self._octets, enrols)

    def _has(self, account: int, number: int) -> bool:
        """Whether an account has so many identities and one more; many servers give each account one Node-ID, again and again."""
        known = self._known[account]
        if number < len(known):
            return True
        if account in self._alone:
            return False
        made = self._enrolled(self._accounts[account])
        if any(set(made.node_ids) & set(one.node_ids) for each in self._known for one in each):
            self._alone.add(account)
            return False
        known.append(made)
        return True

    def _fetched(self, configuration: str) -> bytes:
        if not configuration.startswith("https://"):
            try:
                return Path(configuration).read_bytes()
            except OSError as fault:
                raise Misuse(f"--configuration {configuration}: {said(fault)}") from None
        stage = ServerStage(Server(url=configuration, authority=self._authority))
        try:
            return stage.ask("GET", configuration).body
        except NotSeen as fault:
            raise TargetFault(f"{configuration}: {fault}") from None
        finally:
            stage.close()

    def _enrolled(self, account: Account) -> Identity:
        """A new certificate of an account; raises TargetFault where there is none to be had."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        if account.name:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(account.name)]), False)
        asked = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
        stage = ServerStage(Server(url=self._served.enrolment, accounts=(account,), authority=self._authority))
        stage.served = self._served
        try:
            answer = stage.enrol(account, label="enrol", request=asked)
        except NotSeen as fault:
            raise TargetFault(f"the harness cannot enrol as {account.user}: {fault}") from None
        finally:
            stage.close()
        if answer.status != GIVEN:
            raise TargetFault(f"the harness cannot enrol as {account.user}: status {answer.status}")
        try:
            read = read_certificate(answer.body, Context(overlay_name=self._served.name))
        except LabRefusal as refusal:
            raise TargetFault(
                f"what the server gives {account.user} is no certificate of the overlay: {refusal}"
            ) from None
        if not read.node_ids:
            raise TargetFault(f"the certificate that the server gives {account.user} names no Node-ID")
        return Identity(node_ids=tuple(read.node_ids), user=read.user or "", key=key, certificate=answer.body)
