"""The stop-and-wait sender of Simple Reliability (RFC 6940, section 6.6.3.1).

One message is under way at a time; it is sent up to five times, each time with a sequence number of its own.  From *Idle* a
message leads to *Waiting*, its acknowledgement to *Pausing*, where the next one is kept back for a moment, and what is not
acknowledged through *Failing*, from where there is a way back, to *Failed*.

*RTO* is a time-out of the first four transmissions, *third RTO* the one that is the third in a row in which nothing at all was
acknowledged, *last RTO* that of the fifth transmission.  A *late ACK* answers a transmission of an earlier message: it
shows that the link works, and how fast.
"""

from __future__ import annotations

from disco_ref.machine.table import Step, Table

_RETRANSMIT = ("double RTO", "send again")
_AGAIN = "rfc6940:6.6.3.1/5 rfc6940:6.6.3.1/6 rfc6940:6.6.3.1/7"
_MEASURED = "rfc6940:6.6.3.1/4a"
_PAUSE = ("measure", "start 10 ms")
_PAUSED = f"{_MEASURED} rfc6940:6.6.3.1/11"
_ONE_AT_A_TIME = "rfc6940:6.6.3.1/1"
_NOTHING = "nothing is under way: whatever is acknowledged was sent before"

STOP_AND_WAIT: Table[str, str, str] = Table(
    "stop-and-wait sender",
    "Idle",
    {
        ("Idle", "message"): Step("Waiting", ("send",), says="rfc6940:6.6.2/0"),
        ("Idle", "late ACK"): Step("Pausing", _PAUSE, says=_PAUSED),
        ("Waiting", "message"): Step("Waiting", says=_ONE_AT_A_TIME),
        ("Waiting", "ACK"): Step("Pausing", _PAUSE, says=_PAUSED),
        ("Waiting", "late ACK"): Step("Waiting", ("measure",), says=_MEASURED),
        ("Waiting", "RTO"): Step("Waiting", _RETRANSMIT, says=_AGAIN),
        # = rfc6940:6.6.3.1/9 silent: the retransmission that the first time-out leads to is the first of the three
        ("Waiting", "third RTO"): Step("Failing", _RETRANSMIT, says=f"{_AGAIN} rfc6940:6.6.3.1/9"),
        ("Waiting", "last RTO"): Step("Failed", ("give up",), says="rfc6940:6.6.3.1/8"),
        ("Failing", "message"): Step("Failing", says=_ONE_AT_A_TIME),
        ("Failing", "ACK"): Step("Pausing", _PAUSE, says=f"{_PAUSED} rfc6940:6.6.3.1/10"),
        ("Failing", "late ACK"): Step("Waiting", ("measure",), says=f"{_MEASURED} rfc6940:6.6.3.1/10"),
        ("Failing", "RTO"): Step("Failing", _RETRANSMIT, says=_AGAIN),
        ("Failing", "last RTO"): Step("Failed", ("give up",), says="rfc6940:6.6.3.1/8"),
        ("Pausing", "message"): Step("Pausing", says="rfc6940:6.6.3.1/11"),
        ("Pausing", "late ACK"): Step("Pausing", _PAUSE, says=_PAUSED),
        ("Pausing", "10 ms"): Step("Waiting", ("send",), says="rfc6940:6.6.3.1/11"),
        ("Pausing", "10 ms, none waits"): Step("Idle", says="rfc6940:6.6.3.1/11"),
    },
    {("Failing", "third RTO"): "it has been the third already"},
    refused={("Idle", "ACK"): _NOTHING, ("Pausing", "ACK"): _NOTHING},
    ends=("Failed",),
    timers=("RTO", "third RTO", "last RTO", "10 ms", "10 ms, none waits"),
)
