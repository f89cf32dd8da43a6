"""Becoming a peer, being one, and going (RFC 6940, sections 10.5, 10.7.1, 10.9 and 11.4).

::

     Outside --begin--> Seeking --bootstrap node--> Finding --AP attached--> Learning --Update of AP--> Connecting
      |   ^                                            ^                                                    |
      |   |  failed, from any state on the way;        | peer found                     neighbours attached |
      |   |  begun anew after a pause               Pinging                                                 v
      |   +------------------------------              ^ bootstrap node                                   Asking
      |  first                                     Returning                                       JoinAns  |
      v                                                ^                                                    v
     Peer --all successors lost------------------------+                                                Admitted
      ^ |                                                                                                   |
      | |                             Update that names this node as predecessor                            |
      +-|---------------------------------------------------------------------------------------------------+
        +--leave--> Leaving --handed on--> Gone
"""

from __future__ import annotations

from disco_ref.machine.table import Step, Table, quiet

_FAR = ("Returning", "Pinging", "Seeking", "Finding", "Learning", "Connecting", "Asking")
_ON_THE_WAY = (*_FAR, "Admitted")
_THERE = ("Peer", "Leaving")
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
        ("Returning", "bootstrap node"): Step("Pinging", ("ping for AP",), says="rfc6940:10.7.1/7b"),
        ("Pinging", "peer found"): Step("Finding", ("attach to AP",), says="rfc6940:10.7.1/7b"),
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
            "Returning",
            ("stop intervals", "find bootstrap node", "set patience"),
            says="rfc6940:10.7.1/7a rfc6940:10.7.1/7b",
        ),
        **{(state, "failed"): _AGAIN for state in _ON_THE_WAY},
        **{
            (state, "leave"): Step("Gone", ("tell of leave",), says="rfc6940:6.4.2.2/1")
            for state in ("Outside", *_ON_THE_WAY)
        },
        ("Peer", "leave"): Step("Leaving", ("stop intervals", "hand on"), says="rfc6940:10.9/1"),
        ("Leaving", "handed on"): Step("Gone", ("send Leaves",), says="rfc6940:6.4.2.2/1 rfc6940:10.9/1"),
    },
    {
        **quiet((*_ON_THE_WAY, *_THERE), ("begin", "first", "pause"), "it is on its way, or there"),
        **quiet(("Outside", *_FAR[2:3], *_FAR[4:], "Admitted", *_THERE), ("AP attached",), "it was found before"),
        **quiet(_FAR[:2], ("AP attached",), "nobody has been asked for it again yet"),
        **quiet(
            ("Outside", *_FAR[:4], *_FAR[5:], "Admitted", *_THERE),
            ("Update of AP",),
            "told before, or unasked",
        ),
        **quiet(("Outside", *_FAR[:5], "Asking", "Admitted", *_THERE), ("neighbours attached",), "told before"),
        **quiet(("Outside", *_FAR[:6], "Admitted", *_THERE), ("JoinAns",), "a copy, or too late"),
        **quiet(
            ("Outside", *_FAR, *_THERE),
            ("Update that names this node",),
            "nobody has admitted it yet, or it is a peer",
        ),
        **quiet(("Outside", *_ON_THE_WAY, "Leaving"), ("all successors lost",), "it is no peer, or about to go"),
        **quiet(("Outside", *_FAR[1:2], *_FAR[3:], "Admitted", *_THERE), ("bootstrap node",), "it was reached before"),
        **quiet(("Outside", *_FAR[:1], *_FAR[2:], "Admitted", *_THERE), ("peer found",), "nobody has been pinged"),
        **quiet(("Outside", *_THERE), ("failed",), "nothing is under way"),
        **quiet(("Leaving",), ("leave",), "it is about to go"),
        **quiet(("Outside", *_ON_THE_WAY, "Peer"), ("handed on",), "it does not leave"),
    },
    ends=("Gone",),
)
