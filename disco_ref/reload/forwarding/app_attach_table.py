"""AppAttach, on the side that wants the connection and on the side that is asked for it (RFC 6940, section 6.5.2).

Every AppAttach makes a connection of its own, so two of them that cross do not concern each other::

     ConnectApplication                                   AppAttach request
            |                                                     |
            v                                                     v
        Gathering                                             Answering
            |                                                     |
   gathered | request goes out                           gathered | answer goes out
            v                        answer                       v
         Asking ------------------------------------------> Establishing ---> Connected
            |                                                     |
            +--- link, faster than the answer ---> Connected      +---------> Failed
"""

from __future__ import annotations

from disco_ref.machine.table import Step, Table, quiet

_LATER = ("Gathering", "Asking", "Answering", "Establishing")
_EVENTS = ("gathered", "answer", "error", "linked", "unreachable", "too late")

APP_ATTACH: Table[str, str, str] = Table(
    "AppAttach",
    "New",
    {
        ("New", "wanted"): Step("Gathering", ("gather", "set timer")),
        ("New", "asked"): Step("Answering", ("gather", "set timer"), says="rfc6940:6.5.2.2/1"),
        ("Gathering", "gathered"): Step("Asking", ("send request",), says="rfc6940:6.5.2.1/0"),
        ("Gathering", "too late"): Step("Failed", ("abandon", "tell of failure")),
        ("Asking", "answer"): Step("Establishing", ("establish",), says="rfc6940:6.5.2.2/2"),
        ("Asking", "error"): Step("Failed", ("abandon", "tell of failure")),
        ("Asking", "linked"): Step("Connected", ("forsake request",)),
        ("Asking", "too late"): Step("Failed", ("forsake request", "abandon", "tell of failure")),
        ("Answering", "gathered"): Step("Establishing", ("send answer", "establish"), says="rfc6940:6.5.2.2/1"),
        ("Answering", "too late"): Step("Failed", ("abandon", "tell of failure")),
        ("Establishing", "linked"): Step("Connected"),
        ("Establishing", "unreachable"): Step("Failed", ("tell of failure",)),
        ("Establishing", "too late"): Step("Failed", ("abandon", "tell of failure")),
    },
    {
        **quiet(("Gathering", "Asking", "Answering"), ("unreachable",), "no link is tried yet"),
        **quiet(("Gathering", "Answering"), ("linked",), "nobody has been told of the candidates: the link is closed"),
        **quiet(("Asking", "Establishing"), ("gathered",), "the candidates are known"),
        **quiet(("Gathering", "Answering", "Establishing"), ("answer", "error"), "no request is under way"),
    },
    refused={
        **quiet(("New",), _EVENTS, "nothing is begun yet"),
        **quiet(_LATER, ("wanted", "asked"), "an attempt begins once"),
    },
    ends=("Connected", "Failed"),
)
