"""How long a transaction waits (RFC 3261, section 17 and table 4; RFC 6026, sections 7.1 and 7.2; RFC 4320, section 4).

The timers of RFC 6026 and RFC 4320 are told from memory of those documents.
"""

from __future__ import annotations

from dataclasses import dataclass

# = rfc3261:17.1.1.2/10a exception: T1 is a parameter; nothing here makes it smaller
# = rfc3261:17.1.1.2/10b
# = rfc3261:17.1.1.2/11a
# = rfc3261:17.1.1.2/11b
T1 = 0.5
"""An estimate of the round trip, in seconds."""
T2 = 4.0
"""The longest interval between retransmissions of non-INVITE requests and of responses to INVITE, in seconds."""
T4 = 5.0
"""How long a message stays in the network, in seconds."""

Spans = dict[str, float | None]
"""From the timer to seconds; 0: it fires at once; None: it is not started."""


@dataclass(frozen=True, slots=True)
class Timers:
    """All timers, in seconds, from three numbers; ValueError where one of these is not above zero or T2 is below T1."""

    t1: float = T1
    t2: float = T2
    t4: float = T4

    def __post_init__(self) -> None:
        """Refuses numbers that no timer can be made of."""
        if not (0 < self.t1 <= self.t2 and self.t4 > 0):
            raise ValueError(f"no timers: T1 {self.t1}, T2 {self.t2}, T4 {self.t4}")

    @property
    def timer_a(self) -> float:
        """First interval between INVITEs, over UDP only."""
        # = rfc3261:17.1.1.2/3
        return self.t1

    @property
    def timer_b(self) -> float:
        """An INVITE without any response is given up."""
        # = rfc3261:17.1.1.2/5
        return 64 * self.t1

    @property
    def timer_d(self) -> float:
        """An INVITE client transaction absorbs copies of a non-2xx final response, over UDP only."""
        # = rfc3261:17.1.1.2/21
        return max(32.0, 64 * self.t1)

    @property
    def timer_e(self) -> float:
        """First interval between non-INVITE requests, over UDP only."""
        # = rfc3261:17.1.2.2/3
        return self.t1

    @property
    def timer_f(self) -> float:
        """A non-INVITE request without final response is given up."""
        # = rfc3261:17.1.2.2/1
        return 64 * self.t1

    @property
    def timer_g(self) -> float:
        """First interval between non-2xx final responses to INVITE, over UDP only."""
        return self.t1

    @property
    def timer_h(self) -> float:
        """The ACK to a non-2xx final response is given up."""
        # = rfc3261:17.2.1/9
        return 64 * self.t1

    @property
    def timer_i(self) -> float:
        """An INVITE server transaction absorbs copies of the ACK, over UDP only."""
        return self.t4

    @property
    def timer_j(self) -> float:
        """A non-INVITE server transaction answers copies of the request, over UDP only."""
        # = rfc3261:17.2.2/6
        return 64 * self.t1

    @property
    def timer_k(self) -> float:
        """A non-INVITE client transaction absorbs copies of the response, over UDP only."""
        # = rfc3261:17.1.2.2/10
        return self.t4

    @property
    def timer_l(self) -> float:
        """An INVITE server transaction that was accepted absorbs copies of the INVITE."""
        # = rfc6026:7.1/0
        return 64 * self.t1

    @property
    def timer_m(self) -> float:
        """An INVITE client transaction that was accepted passes on every 2xx."""
        # = rfc6026:7.2/0
        return 64 * self.t1

    @property
    def after_cancel(self) -> float:
        """An INVITE that was cancelled and has no final response is given up."""
        # = rfc3261:9.1/11a
        return 64 * self.t1

    @property
    def trying_invite(self) -> float:
        """The user has so long to answer an INVITE before 100 is sent."""
        # = rfc3261:17.2.1/1a
        return 0.2

    @property
    def trying_other(self) -> float:
        """The user has so long to answer another request before 100 is sent: until the client's timer E is set to T2.

        Where T2 is so far above T1 that this would never be: half of timer F.
        """
        # = rfc4320:4.1/0
        interval = passed = self.t1
        while interval < self.t2:
            interval = min(2 * interval, self.t2)
            passed += interval if interval < self.t2 else 0
        return min(passed, self.timer_f / 2)

    def spans(self, *, reliable: bool) -> Spans:
        """The timers by the names that the tables give them, over a transport of one sort."""
        # = rfc3261:17.1.1.2/4
        # = rfc3261:17.1.1.2/21
        # = rfc3261:17.1.2.2/10
        # = rfc3261:17.2.2/6
        repeated = {"Timer A": self.timer_a, "Timer E": self.timer_e, "Timer G": self.timer_g}
        absorb = {"Timer D": self.timer_d, "Timer I": self.timer_i, "Timer J": self.timer_j, "Timer K": self.timer_k}
        return {
            **{name: None if reliable else span for name, span in repeated.items()},
            **{name: 0.0 if reliable else span for name, span in absorb.items()},
            "Timer B": self.timer_b,
            "Timer F": self.timer_f,
            "Timer H": self.timer_h,
            "Timer L": self.timer_l,
            "Timer M": self.timer_m,
            "64*T1 after CANCEL": self.after_cancel,
            "200 ms": self.trying_invite,
            "E at T2": self.trying_other,
            "F of the client": self.timer_f - self.trying_other,
        }
