"""The life of a call, of either side, as a table (RFC 3261, sections 9 and 13 to 15).

A call that this side makes goes down on the left, one that it takes on the right::

                                  Idle
                     INVITE sent |    | INVITE received
                                 V    V
          +---------------- Calling  Invited ---------------+
          |              1xx |  |       | 200 sent          | 4xx sent, CANCEL, BYE
          |                  V  | 2xx   V                   |
          |<------------ Early  |   Accepted ------------+  |
          | 3xx-6xx          |  |       | ACK            |  |
          |              2xx V  V       V        hang up V  |
     Cancelling,           Confirmed <--+             Leaving
     Answering                 | hang up                 | ACK
          |                    V                         |
          +---------------> Ending <---------------------+
                               | response to BYE
                               V
                           Terminated

*Answering* owes the ACK to a 2xx that made the offer.  *Leaving* may not send its BYE before the ACK has come.  Re-INVITE,
UPDATE and PRACK change none of these states: see :mod:`disco_ref.sip.session.modifying`.
"""

from __future__ import annotations

from enum import StrEnum

from disco_ref.machine.table import Cell, Step, Table, quiet


class State(StrEnum):
    """Where a call stands."""

    IDLE = "Idle"
    CALLING = "Calling"
    EARLY = "Early"
    CANCELLING = "Cancelling"
    ANSWERING = "Answering"
    INVITED = "Invited"
    ACCEPTED = "Accepted"
    LEAVING = "Leaving"
    CONFIRMED = "Confirmed"
    ENDING = "Ending"
    TERMINATED = "Terminated"


class Event(StrEnum):
    """What happens to a call."""

    INVITE_SENT = "INVITE sent"
    INVITE_RECEIVED = "INVITE received"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    """A 2xx with no offer that is to be answered."""
    SUCCESS_WITH_OFFER = "2xx with offer"
    FAILURE = "3xx-6xx"
    """Also no response at all."""
    ANSWER = "answer"
    """The application answers the offer of the 2xx."""
    ACCEPT = "200 sent"
    REJECT = "3xx-6xx sent"
    CANCEL = "CANCEL"
    ACK = "ACK"
    NO_ACK = "no ACK"
    """64*T1 after a 2xx."""
    HANG_UP = "hang up"
    BYE = "BYE"
    BYE_ANSWERED = "BYE answered"
    """By whatever response, or by none."""
    LOST = "lost"
    """481, 408 or nothing came to a request in the dialog."""


class Act(StrEnum):
    """What is done on an arrow."""

    SEND_CANCEL = "send CANCEL"
    SEND_ACK = "send ACK"
    DECLINE = "send ACK that declines all media"
    SEND_BYE = "send BYE"
    REFUSE = "answer the INVITE with 487"
    REJECT = "answer the INVITE with 480"
    STOP = "stop, tell the end"
    """The session is over: whatever is pending is answered, timers stop, the end is told."""


_FAILED: Step[State, Act] = Step(State.TERMINATED, says="rfc3261:13.2.2/2")
_BYE_SENT: tuple[Act, ...] = (Act.STOP, Act.SEND_BYE)
_CALLING: dict[Event, Step[State, Act]] = {
    Event.PROVISIONAL: Step(State.EARLY, says="rfc3261:12.1/2"),
    Event.SUCCESS: Step(State.CONFIRMED, (Act.SEND_ACK,), says="rfc3261:13.2.2/3a rfc3261:13.2.2/4 rfc3261:13.2.2/5"),
    Event.SUCCESS_WITH_OFFER: Step(State.ANSWERING, says="rfc3261:13.2.1/13 rfc3261:13.2.2/8"),
    Event.FAILURE: _FAILED,
    Event.HANG_UP: Step(State.CANCELLING, (Act.SEND_CANCEL,), says="rfc3261:9.1/7"),
}

CELLS: dict[Cell[State, Event], Step[State, Act]] = {
    (State.IDLE, Event.INVITE_SENT): Step(State.CALLING, says="rfc3261:13.2.1/9"),
    (State.IDLE, Event.INVITE_RECEIVED): Step(State.INVITED, says="rfc3261:13.3.1/4"),
    # --- this side calls
    **{(State.CALLING, event): step for event, step in _CALLING.items()},
    **{(State.EARLY, event): step for event, step in _CALLING.items()},
    (State.CANCELLING, Event.SUCCESS): Step(State.ENDING, (Act.SEND_ACK, *_BYE_SENT), says="rfc3261:13.2.2/11"),
    (State.CANCELLING, Event.SUCCESS_WITH_OFFER): Step(
        State.ENDING, (Act.DECLINE, *_BYE_SENT), says="rfc3261:13.2.2/9 rfc3261:13.2.2/11"
    ),
    (State.CANCELLING, Event.FAILURE): _FAILED,
    (State.ANSWERING, Event.ANSWER): Step(State.CONFIRMED, (Act.SEND_ACK,), says="rfc3261:13.2.2/8"),
    (State.ANSWERING, Event.HANG_UP): Step(State.ENDING, (Act.DECLINE, *_BYE_SENT), says="rfc3261:13.2.2/9"),
    (State.ANSWERING, Event.BYE): Step(State.TERMINATED, (Act.DECLINE, Act.STOP), says="rfc3261:15.1.2/3"),
    # --- the other side calls
    (State.INVITED, Event.ACCEPT): Step(State.ACCEPTED, says="rfc3261:13.3.1.4/2 rfc3261:13.3.1.4/3"),
    (State.INVITED, Event.REJECT): Step(State.TERMINATED, (Act.STOP,), says="rfc3261:13.3.1.3/1"),
    (State.INVITED, Event.HANG_UP): Step(State.TERMINATED, (Act.REJECT, Act.STOP), says="rfc3261:15/3c"),
    (State.INVITED, Event.CANCEL): Step(State.TERMINATED, (Act.REFUSE, Act.STOP), says="rfc3261:9.2/2"),
    (State.INVITED, Event.BYE): Step(State.TERMINATED, (Act.REFUSE, Act.STOP), says="rfc3261:15/3a rfc3261:15.1.2/6"),
    (State.ACCEPTED, Event.ACK): Step(State.CONFIRMED, says="rfc3261:13.3.1.4/4"),
    (State.ACCEPTED, Event.NO_ACK): Step(State.ENDING, _BYE_SENT, says="rfc3261:13.3.1.4/4 rfc3261:14.2/6"),
    (State.ACCEPTED, Event.HANG_UP): Step(State.LEAVING, (Act.STOP,), says="rfc3261:15/4"),
    (State.ACCEPTED, Event.BYE): Step(State.TERMINATED, (Act.STOP,), says="rfc3261:15.1.2/3"),
    (State.LEAVING, Event.ACK): Step(State.ENDING, (Act.SEND_BYE,), says="rfc3261:15/4"),
    (State.LEAVING, Event.NO_ACK): Step(State.ENDING, (Act.SEND_BYE,), says="rfc3261:15/4"),
    (State.LEAVING, Event.BYE): Step(State.TERMINATED, says="rfc3261:15.1.2/3"),
    # --- both
    (State.CONFIRMED, Event.HANG_UP): Step(State.ENDING, _BYE_SENT, says="rfc3261:15.1.1/1"),
    (State.CONFIRMED, Event.BYE): Step(State.TERMINATED, (Act.STOP,), says="rfc3261:15/1 rfc3261:15.1.2/3"),
    (State.CONFIRMED, Event.LOST): Step(State.ENDING, _BYE_SENT, says="rfc3261:12.2.1.2/2 rfc3261:12.2.1.2/3"),
    (State.CONFIRMED, Event.NO_ACK): Step(State.ENDING, _BYE_SENT, says="rfc3261:14.2/6"),
    (State.ENDING, Event.BYE_ANSWERED): Step(State.TERMINATED, says="rfc3261:15.1.1/2"),
}
"""The arrows."""

_SENT = (Event.INVITE_SENT, Event.INVITE_RECEIVED)
_RESPONSES = (Event.PROVISIONAL, Event.SUCCESS, Event.SUCCESS_WITH_OFFER, Event.FAILURE)
_CALLER = (State.CALLING, State.EARLY, State.CANCELLING, State.ANSWERING)
_CALLEE = (State.INVITED, State.ACCEPTED, State.LEAVING)
_LATER = (State.CONFIRMED, State.ENDING)
_CALLEE_EVENTS = (Event.ACCEPT, Event.REJECT, Event.CANCEL, Event.ACK, Event.NO_ACK)


def _silence() -> dict[Cell[State, Event], str]:
    """Why nothing happens in all other cells; what is more special comes later."""
    told = {
        **quiet([State.IDLE], [*Event], "an INVITE comes first"),
        **quiet([*_CALLER, *_CALLEE, *_LATER], _SENT, "a re-INVITE changes no state"),
        **quiet(_CALLER, _CALLEE_EVENTS, "of the other side of a call"),
        **quiet(_CALLEE, [*_RESPONSES, Event.ANSWER], "of the other side of a call"),
        **quiet(_LATER, _RESPONSES, "answers to further INVITEs, and copies, change no state"),
        **quiet(_LATER, _CALLEE_EVENTS, "of further INVITEs: they change no state"),
        **quiet([*_CALLER, *_CALLEE, *_LATER], [Event.ANSWER, Event.BYE_ANSWERED], "nothing of the kind is owed"),
        **quiet([*_CALLER, *_CALLEE, *_LATER], [Event.LOST], "the call is not set up, or is about to end"),
        **quiet([State.CALLING, State.EARLY, State.CANCELLING], [Event.BYE], "ends one early dialog, not the call"),
        **quiet([State.CANCELLING, State.LEAVING, State.ENDING], [Event.HANG_UP], "already on the way"),
        **quiet([State.CANCELLING], [Event.PROVISIONAL], "the CANCEL goes out by itself"),
        **quiet([State.ANSWERING], _RESPONSES, "copies of the 2xx; its ACK waits for the answer"),
        **quiet([State.INVITED], [Event.ACK, Event.NO_ACK], "nothing to acknowledge"),
        **quiet([State.ACCEPTED, State.LEAVING], [Event.ACCEPT, Event.REJECT], "answered already"),
        **quiet([State.ACCEPTED, State.LEAVING], [Event.CANCEL], "no effect on an INVITE that is answered"),
        **quiet([State.ENDING], [Event.BYE], "it crossed ours: it is answered, ours is waited for"),
    }
    return {cell: why for cell, why in told.items() if cell not in CELLS}


CALL: Table[State, Event, Act] = Table("call", State.IDLE, CELLS, _silence(), ends=(State.TERMINATED,))
"""The machine of a call."""
