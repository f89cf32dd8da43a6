"""Certificates are asked for, by whom they are for and by others (RFC 6940, section 11.3)."""

from __future__ import annotations

import unicodedata

from conformance.lab.hypertext import Part
from conformance.live.enrolment.accounts import Account
from conformance.live.enrolment.asking import ServerStage
from conformance.live.enrolment.requests import PKCS10, body_of, csr, parameters
from conformance.live.scenario import scenario

ROLE = "enrollment-server"
NEEDS = ("accounts",)
TOO_MANY = 1_000_000
"""Node-IDs that nobody gets at once."""


@scenario("enrollment-server/document", what="The configuration is fetched.", role=ROLE, virtual=False)
def document(stage: ServerStage) -> None:
    """It is read as far as enrolment needs it."""
    stage.configuration()
    stage.alive()


@scenario(
    "enrollment-server/enrols", what="Certificates for an account, once more, and for another one.", role=ROLE,
    virtual=False, needs=NEEDS,
)  # fmt: skip
def enrols(stage: ServerStage) -> None:
    """Each request has a new key."""
    first, second = stage.account(), stage.account(1)
    stage.enrol(first, label="first")
    stage.enrol(first, label="first")
    stage.enrol(second, label="second")


@scenario(
    "enrollment-server/several", what="Several Node-IDs are asked for, and far too many.", role=ROLE, virtual=False,
    needs=NEEDS,
)  # fmt: skip
def several(stage: ServerStage) -> None:
    """What is no number is asked for as well."""
    account = stage.account()
    stage.enrol(account, nodeids="2", label="two")
    stage.enrol(account, nodeids=str(TOO_MANY), label="too many")
    stage.enrol(account, nodeids="many", label="no number", malformed=True)
    stage.enrol(account, label="one")
    stage.alive()


@scenario(
    "enrollment-server/strangers", what="Somebody asks with a wrong password, without an account, without anything.",
    role=ROLE, virtual=False, needs=NEEDS,
)  # fmt: skip
def strangers(stage: ServerStage) -> None:
    """Before and afterwards the account is served."""
    account = stage.account()
    stage.enrol(account, label="first")
    wrong = Account(user=account.user, password=account.password + "?", name=account.name)
    stage.enrol(wrong, label="wrong password")
    stage.enrol(wrong, request=csr(account.name, spoilt=True), label="wrong password, bad request", malformed=True)
    stage.enrol(Account(user="nobody-of-that-name", password=account.password), label="no account")
    stage.enrol(None, label="no credentials", malformed=True)
    stage.enrol(account, label="first")


@scenario(
    "enrollment-server/octets", what="An account beyond ASCII, and others whose octets only look like its own.",
    role=ROLE, virtual=False, needs=NEEDS,
)  # fmt: skip
def octets(stage: ServerStage) -> None:
    """The same characters in another normal form, and in another case."""
    account = stage.account_beyond_ascii()
    stage.enrol(account, label="as it is")
    for form in ("NFD", "NFC"):
        user, password = (unicodedata.normalize(form, each) for each in (account.user, account.password))
        if (user, password) != (account.user, account.password):
            stage.enrol(Account(user=user, password=password, name=account.name), label="other octets")
    password = account.password.swapcase()
    if password != account.password:
        stage.enrol(Account(user=account.user, password=password, name=account.name), label="other octets")
    stage.enrol(account, label="as it is")


@scenario(
    "enrollment-server/names", what="A user name is asked for that another one has, and one that nobody may have.",
    role=ROLE, virtual=False, needs=NEEDS,
)  # fmt: skip
def names(stage: ServerStage) -> None:
    """The name is that in the first one's certificate."""
    first, second = stage.account(), stage.account(1)
    mine = stage.name_in(stage.enrol(first, label="first"))
    stage.enrol(second, request=csr(mine), label="taken")
    stage.enrol(second, request=csr("x\0y@" + mine.partition("@")[2]), label="illegal", malformed=True)
    stage.enrol(second, label="second")
    stage.alive()


@scenario(
    "enrollment-server/bad-requests", what="Requests that are none: of the certificate, of the form, of HTTP.",
    role=ROLE, virtual=False, needs=NEEDS,
)  # fmt: skip
def bad_requests(stage: ServerStage) -> None:
    """A good one follows."""
    account = stage.account()
    stage.enrol(account, request=csr(account.name, spoilt=True), label="bad request", malformed=True)
    stage.enrol(account, request=b"no request", label="bad request", malformed=True)
    stage.enrol(account, request=None, parts=parameters(account, None), label="no request", malformed=True)
    stage.enrol(
        account, parts=[*parameters(account, None), Part("csr", csr(), "text/plain")], label="another type",
        malformed=True,
    )  # fmt: skip
    _, body = body_of(parameters(account, csr(account.name)))
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data", PKCS10):
        stage.ask(
            "POST", stage.enrolment_url, headers=[("Accept", "application/pkix-cert"), ("Content-Type", kind)],
            body=body, label="no form", malformed=True,
        )  # fmt: skip
    stage.ask("GET", stage.enrolment_url, label="no post", malformed=True)
    stage.enrol(account, label="first")
