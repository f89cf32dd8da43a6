"""The INVITE server transaction (RFC 3261, section 17.2.1 and figure 7; RFC 6026, section 7.1).

A final response goes out again and again until its ACK comes; that of a 2xx is for the user, above the transaction::

                     INVITE
                       | pass up
       INVITE, 1xx     v
       after 200 ms +--Proceeding --- 2xx from the user --> Accepted --- timer L ---> Terminated
                    +--> |                                    | ^
                         | 300-699 from the user              +-+ INVITE; ACK: pass up; 2xx from the user
       INVITE, timer G   v
                    +--Completed ---- timer H ----------------------------------> Terminated
                    +--> |
                         | ACK
                         v
                     Confirmed ------ timer I ----------------------------------> Terminated

Accepted is the correction of RFC 6026, told from memory: the transaction absorbs copies of an INVITE that was accepted, which
would otherwise look like new calls.  For the same reason a transport error ends no server transaction: the user is told.
"""

from __future__ import annotations

from disco_ref.machine.table import Step, Table, quiet

# = rfc3261:17.2.1/1b exception: 100 is left out where the user answers within 200 ms
# = rfc3261:17.2.1/7 exception: RFC 6026 puts Accepted in the place of Terminated
# = rfc3261:17.2.4/1b exception: RFC 6026 wants the transaction to stay
INVITE_SERVER: Table[str, str, str] = Table(
    "INVITE server transaction",
    "Proceeding",
    {
        ("Proceeding", "INVITE"): Step("Proceeding", ("send response again",), says="rfc3261:17.2.1/5"),
        ("Proceeding", "200 ms"): Step("Proceeding", ("send 100",), says="rfc3261:17.2.1/1a"),
        ("Proceeding", "1xx from user"): Step("Proceeding", ("stop 200 ms", "send response"), says="rfc3261:17.2.1/4"),
        ("Proceeding", "2xx from user"): Step(
            "Accepted", ("send response", "start Timer L"), says="rfc3261:17.2.1/6 rfc6026:7.1/0"
        ),
        ("Proceeding", "300-699 from user"): Step(
            "Completed",
            ("send response", "start Timer G", "start Timer H"),
            says="rfc3261:17.2.1/8a rfc3261:17.2.1/8b rfc3261:17.2.1/9",
        ),
        ("Proceeding", "Transport Err."): Step(
            "Proceeding", ("tell of transport error",), says="rfc3261:17.2.4/1a rfc6026:7.1/0"
        ),
        ("Completed", "INVITE"): Step("Completed", ("send response again",), says="rfc3261:17.2.1/10"),
        ("Completed", "ACK"): Step("Confirmed", ("start Timer I",), says="rfc3261:17.2.1/11"),
        ("Completed", "Timer G"): Step("Completed", ("send response again", "double Timer G"), says="rfc3261:17.2.1/0"),
        ("Completed", "Timer H"): Step(
            "Terminated", ("tell that no ACK has come",), says="rfc3261:17.2.1/12a rfc3261:17.2.1/12b"
        ),
        ("Completed", "Transport Err."): Step(
            "Completed", ("tell of transport error",), says="rfc3261:17.2.4/1a rfc6026:7.1/0"
        ),
        ("Confirmed", "Timer I"): Step("Terminated", says="rfc3261:17.2.1/13 rfc3261:17.2.1/14"),
        ("Accepted", "ACK"): Step("Accepted", ("pass up ACK",), says="rfc6026:7.1/0"),
        ("Accepted", "2xx from user"): Step("Accepted", ("send response",), says="rfc6026:7.1/0"),
        ("Accepted", "Timer L"): Step("Terminated", says="rfc6026:7.1/0"),
        ("Accepted", "Transport Err."): Step(
            "Accepted", ("tell of transport error",), says="rfc3261:17.2.4/1a rfc6026:7.1/0"
        ),
    },
    {
        # = rfc3261:17.2.1/0 silent: an ACK before the final response acknowledges nothing
        ("Proceeding", "ACK"): "there is no final response yet",
        ("Confirmed", "ACK"): "a copy",
        ("Confirmed", "INVITE"): "overtaken by the ACK",
        ("Confirmed", "Transport Err."): "nothing is sent here",
        # = rfc6026:7.1/0
        ("Accepted", "INVITE"): "a copy: the user sends the 2xx again by itself",
    },
    entry=Step("Proceeding", ("pass up", "start 200 ms"), says="rfc3261:17.2.1/1a rfc3261:17.2.1/3"),
    refused={
        **quiet(
            ("Completed", "Confirmed"), ("1xx from user", "2xx from user", "300-699 from user"), "it is refused already"
        ),
        **quiet(("Accepted",), ("1xx from user", "300-699 from user"), "it is accepted already"),
    },
    ends=("Terminated",),
    timers=("200 ms", "Timer G", "Timer H", "Timer I", "Timer L"),
)
