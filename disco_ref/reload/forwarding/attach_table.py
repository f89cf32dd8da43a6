"""Attach, on the side that wants the connection and on the side that is asked for it (RFC 6940, section 6.5.1).

The one that asks is passive, server of the handshake, and controlling in ICE; the one that answers is active::

         Connect                                             Attach request
            |                                                      |
            v       Attach request                                 v
        Gathering ------------------------------------------> Answering
            |                                                      |
   gathered | request goes out                            gathered | answer goes out
            v       Attach request, own Node-ID smaller            v
         Asking ------------------------------------------> Establishing ---> Connected
            |                                                ^     |
            +------------------- answer ---------------------+     +--------> Failed
            |                                                |
            | Error_In_Progress          Attach request      |
            +-----------------> Awaiting --------------------+

Of two that ask each other at once the one with the larger Node-ID goes on, and says so to the other one with Error_In_Progress.
That may be faster than its own request, for which the other one then still waits.
"""

from __future__ import annotations

from disco_ref.machine.table import Step, Table, quiet

ATTACH: Table[str, str, str] = Table(
    "Attach",
    "Gathering",
    {
        ("Gathering", "gathered"): Step("Asking", ("send request",), says="rfc6940:6.5.1.1/1"),
        ("Gathering", "asked, own Node-ID smaller"): Step("Answering", ("keep request",), says="rfc6940:6.5.1.2/2a"),
        ("Gathering", "asked, own Node-ID larger"): Step("Answering", ("keep request",), says="rfc6940:6.5.1.2/2a"),
        ("Gathering", "linked"): Step("Connected", ("abandon", "tell of connection")),
        ("Gathering", "too late"): Step("Failed", ("abandon", "tell of failure")),
        ("Asking", "answer"): Step(
            "Establishing", ("establish as server",), says="rfc6940:6.5.1.2/9 rfc6940:6.5.1.13/1"
        ),
        ("Asking", "asked, own Node-ID smaller"): Step(
            "Establishing",
            ("forsake request", "keep request", "send answer", "establish as client"),
            says="rfc6940:6.5.1.2/5 rfc6940:6.5.1.2/6",
        ),
        ("Asking", "asked, own Node-ID larger"): Step("Asking", ("refuse: in progress",), says="rfc6940:6.5.1.2/7"),
        ("Asking", "in progress"): Step("Awaiting", ("shorten timer",), says="rfc6940:6.5.1.2/7"),
        ("Awaiting", "asked, own Node-ID smaller"): Step(
            "Establishing", ("keep request", "send answer", "establish as client"), says="rfc6940:6.5.1.2/6"
        ),
        ("Awaiting", "asked, own Node-ID larger"): Step(
            "Establishing", ("keep request", "send answer", "establish as client"), says="rfc6940:6.5.1.2/2a"
        ),
        ("Awaiting", "linked"): Step("Connected", ("abandon", "tell of connection")),
        ("Awaiting", "too late"): Step("Failed", ("abandon", "tell of failure")),
        ("Asking", "error"): Step("Failed", ("abandon", "tell of failure")),
        ("Asking", "linked"): Step("Connected", ("forsake request", "abandon", "tell of connection")),
        ("Asking", "too late"): Step("Failed", ("forsake request", "abandon", "tell of failure")),
        ("Answering", "gathered"): Step(
            "Establishing", ("send answer", "establish as client"), says="rfc6940:6.5.1.2/2b rfc6940:6.5.1.13/2"
        ),
        ("Answering", "asked, own Node-ID smaller"): Step("Answering", ("refuse: in progress",)),
        ("Answering", "asked, own Node-ID larger"): Step("Answering", ("refuse: in progress",)),
        ("Answering", "linked"): Step("Connected", ("abandon", "tell of connection")),
        ("Answering", "too late"): Step("Failed", ("abandon", "tell of failure")),
        ("Establishing", "asked, own Node-ID smaller"): Step(
            "Establishing", ("refuse: in progress",), says="rfc6940:6.5.1.2/3"
        ),
        ("Establishing", "asked, own Node-ID larger"): Step(
            "Establishing", ("refuse: in progress",), says="rfc6940:6.5.1.2/3"
        ),
        ("Establishing", "linked"): Step("Connected", ("tell of connection",), says="rfc6940:6.5.1.11/1a"),
        ("Establishing", "unreachable"): Step("Failed", ("tell of failure",)),
        ("Establishing", "too late"): Step("Failed", ("abandon", "tell of failure")),
    },
    {
        **quiet(("Gathering", "Asking", "Awaiting", "Answering"), ("unreachable",), "no link is tried yet"),
        **quiet(("Asking", "Awaiting", "Establishing"), ("gathered",), "the candidates are known"),
        **quiet(
            ("Gathering", "Awaiting", "Answering", "Establishing"),
            ("answer", "error", "in progress"),
            "no request is under way",
        ),
    },
    entry=Step("Gathering", ("gather", "set timer")),
    ends=("Connected", "Failed"),
)
