"""The non-INVITE client transaction (RFC 3261, section 17.1.2.2 and figure 6).

A request goes out again and again until the final response comes back, after a provisional one more slowly::

              request from the user
                     |
                     v
        timer E +--Trying ---------- timer F, transport error ----> Terminated
                +--> | |
              1xx    | | 200-699
            +--------+ +--------+
            v                   |
      +--Proceeding ----------- | -- timer F, transport error ----> Terminated
      +---> |                   |
    1xx,    | 200-699           v
    timer E +--------------> Completed ----- timer K -------------> Terminated
"""

from __future__ import annotations

from disco_ref.machine.table import Step, Table, quiet

NON_INVITE_CLIENT: Table[str, str, str] = Table(
    "non-INVITE client transaction",
    "Trying",
    {
        ("Trying", "1xx"): Step("Proceeding", ("pass up",), says="rfc3261:17.1.2.2/5a rfc3261:17.1.2.2/5b"),
        ("Trying", "200-699"): Step(
            "Completed",
            ("pass up", "start Timer K"),
            says="rfc3261:17.1.2.2/6a rfc3261:17.1.2.2/6b rfc3261:17.1.2.2/10",
        ),
        ("Trying", "Timer E"): Step("Trying", ("send request", "double Timer E"), says="rfc3261:17.1.2.2/3"),
        ("Trying", "Timer F"): Step(
            "Terminated", ("tell of time-out",), says="rfc3261:17.1.2.2/4a rfc3261:17.1.2.2/4b"
        ),
        ("Trying", "Transport Err."): Step(
            "Terminated", ("tell of transport error",), says="rfc3261:17.1.4/1a rfc3261:17.1.4/1b"
        ),
        ("Proceeding", "1xx"): Step("Proceeding", ("pass up",), says="rfc3261:17.1.2.2/5a"),
        ("Proceeding", "200-699"): Step(
            "Completed",
            ("pass up", "start Timer K"),
            says="rfc3261:17.1.2.2/9a rfc3261:17.1.2.2/9b rfc3261:17.1.2.2/10",
        ),
        ("Proceeding", "Timer E"): Step(
            "Proceeding", ("send request", "set Timer E to T2"), says="rfc3261:17.1.2.2/7a rfc3261:17.1.2.2/7b"
        ),
        ("Proceeding", "Timer F"): Step(
            "Terminated", ("tell of time-out",), says="rfc3261:17.1.2.2/8a rfc3261:17.1.2.2/8b"
        ),
        ("Proceeding", "Transport Err."): Step(
            "Terminated", ("tell of transport error",), says="rfc3261:17.1.4/1a rfc3261:17.1.4/1b"
        ),
        ("Completed", "Timer K"): Step("Terminated", says="rfc3261:17.1.2.2/11 rfc3261:17.1.2.2/12"),
    },
    {
        **quiet(("Completed",), ("1xx", "200-699"), "a copy, or overtaken by the final response"),
        ("Completed", "Transport Err."): "nothing is sent here",
    },
    entry=Step(
        "Trying",
        ("send request", "start Timer E", "start Timer F"),
        says="rfc3261:17.1.2.2/1 rfc3261:17.1.2.2/2 rfc3261:17.1.2.2/3",
    ),
    ends=("Terminated",),
    timers=("Timer E", "Timer F", "Timer K"),
)
