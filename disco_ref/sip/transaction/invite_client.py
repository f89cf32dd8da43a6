"""The INVITE client transaction (RFC 3261, section 17.1.1.2 and figure 5; RFC 6026, section 7.2; CANCEL by section 9.1).

An INVITE goes out again and again until something comes back::

              INVITE from the user
                     |
                     v        timer B, transport error
        timer A +--Calling--------------------------------> Terminated
                +--> | | |
              1xx    | | +--- 2xx ---+
            +--------+ |             |
            v          | 300-699     v  timer M
    1xx +--Proceeding--|-- 2xx --> Accepted --------------> Terminated
        +-> |          |             | ^
            | 300-699  |             +-+ 2xx
            v          v
          Completed <--+  timer D, transport error
            | ^    ---------------------------------------> Terminated
            +-+ 300-699

Accepted is the correction of RFC 6026, told from memory: the transaction of an INVITE that was accepted stays, so that the 2xx
of every fork, and every copy, comes to the user on this way and no other.  CANCEL waits in Calling and is sent in Proceeding.
"""

from __future__ import annotations

from disco_ref.machine.table import Step, Table, quiet

# = rfc3261:17.1.1.2/14
# = rfc3261:17.1.1.2/9
# = rfc3261:17.1.1.2/15
# = rfc3261:17.1.4/1a exception: Completed is left without a word, since the user has its final response already
INVITE_CLIENT: Table[str, str, str] = Table(
    "INVITE client transaction",
    "Calling",
    {
        ("Calling", "1xx"): Step("Proceeding", ("pass up", "send CANCEL that waits"), says="rfc3261:17.1.1.2/16"),
        ("Calling", "2xx"): Step("Accepted", ("pass up", "start Timer M"), says="rfc3261:17.1.1.2/24b rfc6026:7.2/0"),
        ("Calling", "300-699"): Step(
            "Completed", ("send ACK", "pass up", "start Timer D"), says="rfc3261:17.1.1.2/18 rfc3261:17.1.1.2/19a"
        ),
        ("Calling", "Timer A"): Step(
            "Calling",
            ("send request", "double Timer A"),
            says="rfc3261:17.1.1.2/6a rfc3261:17.1.1.2/7 rfc3261:17.1.1.2/8",
        ),
        ("Calling", "Timer B"): Step("Terminated", ("tell of time-out",), says="rfc3261:17.1.1.2/13"),
        ("Calling", "Transport Err."): Step(
            "Terminated", ("tell of transport error",), says="rfc3261:17.1.4/1a rfc3261:17.1.4/1b"
        ),
        ("Calling", "CANCEL"): Step("Calling", says="rfc3261:9.1/7 rfc3261:9.1/8a rfc3261:9.1/8b"),
        ("Proceeding", "1xx"): Step("Proceeding", ("pass up",), says="rfc3261:17.1.1.2/17"),
        ("Proceeding", "2xx"): Step(
            "Accepted", ("pass up", "start Timer M"), says="rfc3261:17.1.1.2/24b rfc6026:7.2/0"
        ),
        ("Proceeding", "300-699"): Step(
            "Completed", ("send ACK", "pass up", "start Timer D"), says="rfc3261:17.1.1.2/18 rfc3261:17.1.1.2/19b"
        ),
        ("Proceeding", "CANCEL"): Step(
            "Proceeding", ("send CANCEL", "start 64*T1 after CANCEL"), says="rfc3261:9.1/7 rfc3261:9.1/11a"
        ),
        ("Proceeding", "64*T1 after CANCEL"): Step(
            "Terminated", ("tell of time-out",), says="rfc3261:9.1/11a rfc3261:9.1/11b"
        ),
        ("Completed", "300-699"): Step("Completed", ("send ACK",), says="rfc3261:17.1.1.2/22a rfc3261:17.1.1.2/22b"),
        ("Completed", "Timer D"): Step("Terminated", says="rfc3261:17.1.1.2/23"),
        ("Completed", "Transport Err."): Step("Terminated", says="rfc3261:17.1.4/1b"),
        ("Accepted", "2xx"): Step("Accepted", ("pass up",), says="rfc6026:7.2/0"),
        ("Accepted", "Timer M"): Step("Terminated", says="rfc6026:7.2/0 rfc3261:17.1.1.2/25"),
    },
    {
        ("Proceeding", "Transport Err."): "nothing is on the way; the response may come on another connection (18.2.2)",
        ("Completed", "1xx"): "overtaken by the final response",
        # = rfc3261:17.1.1.2/24a silent: a 2xx after another final response is dropped, since the user has ended the call
        ("Completed", "2xx"): "the user has been told that the call has failed",
        ("Accepted", "1xx"): "overtaken by the 2xx, or of a fork that has not answered yet",
        ("Accepted", "300-699"): "of a fork that no longer matters",
        ("Accepted", "Transport Err."): "nothing is sent here: the ACK is the user's",
        # = rfc3261:9.1/9
        **quiet(("Completed", "Accepted"), ("CANCEL",), "there is a final response: nothing to cancel"),
    },
    entry=Step(
        "Calling",
        ("send request", "start Timer A", "start Timer B"),
        says="rfc3261:17.1.1.2/1 rfc3261:17.1.1.2/2 rfc3261:17.1.1.2/3 rfc3261:17.1.1.2/4 rfc3261:17.1.1.2/5",
    ),
    ends=("Terminated",),
    timers=("Timer A", "Timer B", "Timer D", "Timer M", "64*T1 after CANCEL"),
)
