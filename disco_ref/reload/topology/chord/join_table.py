"""Becoming a peer, being one, and going (RFC 6940, sections 10.5, 10.7.1, 10.9 and 11.4).

::

     Outside --begin--> Seeking --bootstrap node--> Finding --AP attached--> Learning --Update of AP--> Connecting
      |   ^                                                                                                 |
      |   |  failed, from any state on the way; begun anew after a pause               neighbours attached  |
      |   +---------------------------------------------------------                                        v
      |  first                                                                                            Asking
      v                                                                                          JoinAns    |
     Peer <------------------------- Update that names this node as predecessor ------------- Admitted <----+
      |
      +-- all successors lost --> Seeking                                    leave, from any state --> Gone
"""

from __future__ import annotations

from disco_ref.machine.table import Step, Table, quiet

_ON_THE_WAY = ("Seeking", "Finding", "Learning", "Connecting", "Asking", "Admitted")
_AGAIN = Step("Outside", ("drop tables", "tell of failure", "set pause"), says="rfc6940:6.4.2.1/9")

JOIN: Table[str, str, str] = Table(
    "CHORD-RELOAD peer",
    "Outside",
    {
        ("Outside", "begin"): Step(
            "Seeking", ("find bootstrap node", "set patience"), says="rfc6940:11.4/1 rfc6940:10.5/1"
        ),
        ("Outside", "first"): Step("Peer", ("tell of join", "set intervals"), says="rfc6940:6.4.2.1/10"),
        ("Outside", "pause"): Step("Seeking", ("find bootstrap node", "set patience"), says="rfc6940:10.7.1/8b"),
        ("Seeking", "bootstrap node"): Step("Finding", ("attach to AP",), says="rfc6940:10.5/2 rfc6940:11.4/3"),
        ("Finding", "AP attached"): Step("Learning", says="rfc6940:11.4/4"),
        ("Learning", "Update of AP"): Step(
            "Connecting", ("attach to neighbours",), says="rfc6940:10.5/3 rfc6940:10.5/14"
        ),
        ("Connecting", "neighbours attached"): Step("Asking", ("send Join",), says="rfc6940:10.5/4 rfc6940:10.5/5"),
        ("Asking", "JoinAns"): Step("Admitted", says="rfc6940:6.4.2.1/7"),
        ("Admitted", "Update that names this node"): Step(
            "Peer",
            ("send Updates", "attach to fingers", "tell of join", "set intervals"),
            says="rfc6940:10.5/8 rfc6940:10.5/12 rfc6940:10.5/19",
        ),
        ("Peer", "all successors lost"): Step(
            "Seeking",
            ("stop intervals", "find bootstrap node", "set patience"),
            says="rfc6940:10.7.1/7a rfc6940:10.7.1/7b",
        ),
        **{(state, "failed"): _AGAIN for state in _ON_THE_WAY},
        **{(state, "leave"): Step("Gone", says="rfc6940:6.4.2.2/1") for state in ("Outside", *_ON_THE_WAY)},
        ("Peer", "leave"): Step("Gone", ("stop intervals", "send Leaves"), says="rfc6940:6.4.2.2/1 rfc6940:10.9/1"),
    },
    {
        **quiet((*_ON_THE_WAY, "Peer"), ("begin", "first", "pause"), "it is on its way, or there"),
        **quiet(
            ("Outside", "Seeking", "Learning", "Connecting", "Asking", "Admitted", "Peer"),
            ("AP attached",),
            "it was found before",
        ),
        **quiet(
            ("Outside", "Seeking", "Finding", "Connecting", "Asking", "Admitted", "Peer"),
            ("Update of AP",),
            "told before, or unasked",
        ),
        **quiet(
            ("Outside", "Seeking", "Finding", "Learning", "Asking", "Admitted", "Peer"),
            ("neighbours attached",),
            "told before",
        ),
        **quiet(
            ("Outside", "Seeking", "Finding", "Learning", "Connecting", "Admitted", "Peer"),
            ("JoinAns",),
            "a copy, or too late",
        ),
        **quiet(
            ("Outside", "Seeking", "Finding", "Learning", "Connecting", "Asking", "Peer"),
            ("Update that names this node",),
            "nobody has admitted it yet, or it is a peer",
        ),
        **quiet(("Outside", *_ON_THE_WAY), ("all successors lost",), "it is no peer"),
        **quiet(("Outside", *_ON_THE_WAY[1:], "Peer"), ("bootstrap node",), "it was reached before"),
        **quiet(("Outside", "Peer"), ("failed",), "nothing is under way"),
    },
    ends=("Gone",),
)
