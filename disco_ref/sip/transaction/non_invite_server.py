"""The non-INVITE server transaction (RFC 3261, section 17.2.2 and figure 8; RFC 4320, section 4).

A copy of the request is answered with a copy of the response::

              request
                 | pass up
                 v
              Trying --------- E at T2: 100 --------> Proceeding --+
                 |                                     | |   ^     | request;
                 | 200-699 from the user               | |   +-----+ 100 from the user
                 v                                     | |
             Completed <------ 200-699 from the user --+ |
                 | ^ ^ ------- F of the client ----------+
                 | |    timer J
         request +-+ --------------------------------------------------> Terminated

RFC 4320, told from memory, takes away what only does harm: provisional responses other than 100, a 100 before the client sends
at intervals of T2, 408, and any response when the client has given up.  The last bounds the life of a request that nobody answers:
Completed then has no response, and absorbs what is still on the way.
A transport error ends no server transaction (RFC 6026): a copy of the request would look like a new one.
"""

from __future__ import annotations

from disco_ref.machine.table import Step, Table, quiet

_FINAL = "200-699 from user"

# = rfc3261:17.2.2/1 exception: RFC 4320 leaves only 100, and when it is sent to the transaction
# = rfc3261:17.2.4/1b exception: RFC 6026 wants the transaction to stay
NON_INVITE_SERVER: Table[str, str, str] = Table(
    "non-INVITE server transaction",
    "Trying",
    {
        ("Trying", "E at T2"): Step(
            "Proceeding", ("send 100", "start F of the client"), says="rfc4320:4.1/0 rfc3261:17.2.2/2"
        ),
        ("Trying", _FINAL): Step(
            "Completed", ("send response", "start Timer J"), says="rfc3261:17.2.2/5a rfc3261:17.2.2/6"
        ),
        ("Proceeding", "request"): Step("Proceeding", ("send response again",), says="rfc3261:17.2.2/4"),
        ("Proceeding", "100 from user"): Step("Proceeding", ("send response",), says="rfc3261:17.2.2/3"),
        ("Proceeding", _FINAL): Step(
            "Completed", ("send response", "start Timer J"), says="rfc3261:17.2.2/5a rfc3261:17.2.2/5b rfc3261:17.2.2/6"
        ),
        ("Proceeding", "F of the client"): Step(
            "Completed", ("forget response", "tell that it is too late", "start Timer J"), says="rfc4320:4.2/0"
        ),
        ("Proceeding", "Transport Err."): Step(
            "Proceeding", ("tell of transport error",), says="rfc3261:17.2.4/1a rfc6026:7.1/0"
        ),
        ("Completed", "request"): Step("Completed", ("send response again",), says="rfc3261:17.2.2/7"),
        ("Completed", "Timer J"): Step("Terminated", says="rfc3261:17.2.2/9 rfc3261:17.2.2/10"),
        ("Completed", "Transport Err."): Step(
            "Completed", ("tell of transport error",), says="rfc3261:17.2.4/1a rfc6026:7.1/0"
        ),
    },
    {
        ("Trying", "request"): "a copy of what the user is about to answer",
        ("Trying", "Transport Err."): "nothing has been sent",
        # = rfc4320:4.1/0
        ("Trying", "100 from user"): "the transaction sends it when it is due",
        **quiet(("Trying", "Proceeding"), ("101-199 from user",), "no provisional response but 100 may answer it"),
        # = rfc4320:4.2/0
        **quiet(("Trying", "Proceeding"), ("408 from user",), "the client knows by itself when it has waited too long"),
        # = rfc3261:17.2.2/8
        **quiet(
            ("Completed",),
            ("100 from user", "101-199 from user", "408 from user", _FINAL),
            "there is a final response already, or it is too late for one",
        ),
    },
    entry=Step("Trying", ("pass up", "start E at T2"), says="rfc4320:4.1/0"),
    ends=("Terminated",),
    timers=("E at T2", "F of the client", "Timer J"),
)
