"""Why an enrolment server gives no certificate: the four tokens of its answers (RFC 6940, section 11.3)."""

from __future__ import annotations

from disco_ref.errors import Unauthorized


# = rfc6940:11.3/25
class NotIssued(Unauthorized):
    """No certificate is given; ``token`` is the body of the answer, ``why`` is for the log of the server alone."""

    error_code = 2
    token = ""


class FailedAuthentication(NotIssued):
    """The account name and the password do not belong together."""

    error_code = 2
    token = "failed_authentication"


class UsernameNotAvailable(NotIssued):
    """The user name in the request is no legal one, or is not for this account."""

    error_code = 2
    token = "username_not_available"


class NodeIdsNotAvailable(NotIssued):
    """So many Node-IDs are not given."""

    error_code = 2
    token = "Node-IDs_not_available"


class BadCsr(NotIssued):
    """Something else is wrong with the certificate signing request."""

    error_code = 2
    token = "bad_CSR"


MEANINGS = {
    FailedAuthentication.token: "the account and the password do not belong together",
    UsernameNotAvailable.token: "the user name is not to be had: it is somebody else's, or no legal name there",
    NodeIdsNotAvailable.token: "so many Node-IDs are not given; ask for fewer",
    BadCsr.token: "the server does not take the certificate signing request",
}
"""What the tokens mean for whoever asked."""


def meaning(token: str) -> str:
    """What an answer means; a token that nobody knows is a failure for an unknown reason."""
    # = rfc6940:11.3/26
    return MEANINGS.get(token, "the server gives no certificate, and no reason that is known")
