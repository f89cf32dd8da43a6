"""SIP messages: reading and writing, against the package sippy on the same octets in the same run.

Every turn has messages of its own (see :mod:`bench.sip_traffic`), so that no side can remember a value from a turn before.
The sides take turns on the same messages, and the fastest turn of each counts, so that a busy machine slows down both.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import TypeVar

from sippy.SipRequest import SipRequest
from sippy.SipResponse import SipResponse

from bench.sip_traffic import traffic
from disco_ref.sip.header.block import Headers, row
from disco_ref.sip.header.field import Field
from disco_ref.sip.header.identity.via import VIA, Via
from disco_ref.sip.header.plain.numbers import MAX_FORWARDS
from disco_ref.sip.header.table import ALL, BY_KEY
from disco_ref.sip.message import Message, Request, check, read
from disco_ref.sip.uri import SipUri

T = TypeVar("T")

TURNS = 40
"""How often each side runs, each time over other messages."""
COPIES = 40
"""Messages of each kind in one turn."""
WARMING = 40
"""How many messages of a turn, of all kinds, go before the clock starts: what a side finds in caches is its own."""


def sippy_lazy(octets: bytes) -> object:
    """A message as sippy reads it from a datagram: lines apart, but for the first line and the length values as text."""
    text = octets.decode()
    return SipResponse(text) if text.startswith("SIP/") else SipRequest(text)


def sippy_full(octets: bytes) -> object:
    """A message with every header field's value taken apart by sippy; Content-Type and Content-Length already are."""
    text = octets.decode()
    message = SipResponse(text) if text.startswith("SIP/") else SipRequest(text)
    for header in message.headers:
        header.getBody()
    return message


def every_part(octets: bytes) -> list[object]:
    """A message, and of every value of every header field all that a user may ask for.

    Numbers are numbers, parameters of values and URIs are in dictionaries, display names are without quotes; all is judged
    by its grammar on the way, as ``check`` does.
    """
    message = read(octets)
    parts: list[object] = [message]
    if isinstance(message, Request) and isinstance(message.request_uri, SipUri):
        parts += [message.request_uri.port, message.request_uri.parameters]
    parts.append(message.headers.parts())
    return parts


def judged(octets: bytes) -> Message:
    """A message that has been held to all of the grammar: whether it is well-formed, not what it says."""
    message = read(octets)
    check(message)
    return message


def as_text(octets: bytes) -> Message:
    """A message with every header field typed, its URIs and parameters as text that has matched the grammar."""
    message = read(octets)
    for key in message.headers:
        message.headers.any(BY_KEY[key])
    return message


def forwarded(message: Message) -> bytes:
    """What a proxy sends on: one hop more, one less to go."""
    via = Via("SIP", "2.0", "UDP", "192.0.2.1", "5060", ";branch=z9hG4bKproxy")
    return bytes(message._replace(headers=message.headers.with_first(VIA, via).with_values(MAX_FORWARDS, [67])))


class Built:
    """A message as typed values, field by field in their order."""

    def __init__(self, octets: bytes) -> None:
        self.message = as_text(octets)
        self.fields = [
            (field, [*self.message.headers.any(field)])
            for key in self.message.headers
            for field in ALL
            if field.key == key
        ]

    def octets(self) -> bytes:
        """The octets, from the values."""
        lines: list[str] = []
        for field, values in self.fields:
            lines += _row(field, values)
        return bytes(self.message._replace(headers=Headers(lines)))


def _row(field: object, values: Sequence[object]) -> list[str]:
    assert isinstance(field, Field)
    return row(field, *values)


class Side:
    """One thing that is measured: what is made of the octets beforehand, and the work that is timed."""

    def __init__(self, name: str, prepare: Callable[[bytes], T], work: Callable[[T], object]) -> None:
        self.name = name
        self.best = float("inf")
        """Seconds a message, in the fastest turn."""

        def timed(messages: Sequence[bytes]) -> float:
            inputs = [prepare(each) for each in messages]
            for each in inputs[:WARMING]:
                work(each)
            rest = inputs[WARMING:]
            start = time.process_time()
            for each in rest:
                work(each)
            return (time.process_time() - start) / len(rest)

        self._timed = timed

    def turn(self, messages: Sequence[bytes]) -> None:
        """Run once over these messages, and keep the time if it is the shortest; the first are to get warm, untimed."""
        self.best = min(self.best, self._timed(messages))

    @property
    def rate(self) -> float:
        """Messages a second."""
        return 1 / self.best


def received(octets: bytes) -> bytes:
    """The octets: nothing is made of them beforehand."""
    return octets


def read_all(octets: bytes) -> Message:
    """A message with every header field typed, for the sides that write; AssertionError where it is not written as read."""
    message = as_text(octets)
    if bytes(message) != octets:
        raise AssertionError("a message is not written as it was read")
    return message


def measure() -> list[dict[str, object]]:
    """Rates as multiples of sippy's, and the memory of a message that has been read."""
    full = Side("sippy's full parse", received, sippy_full)
    text = Side("sippy's writing of fully parsed messages", sippy_full, str)
    kept = Side("sippy's writing of messages it has not taken apart", sippy_lazy, str)
    rows: list[tuple[Side, Side, float | None]] = [
        (Side("SIP: decode all header fields to typed values, with all their parts", received, every_part), full, 1.5),
        (Side("SIP: decode and judge every part, as check() does", received, judged), full, 1.5),
        (Side("SIP: decode, parameters and URIs left as validated text", received, as_text), full, None),
        (Side("SIP: decode, fields of transactions and dialogs typed", received, read), full, 3.0),
        (Side("SIP: write, from typed values", Built, Built.octets), text, 1.0),
        (Side("SIP: write, a message as read", read_all, bytes), kept, 1.0),
        (Side("SIP: write, after a proxy's changes", read_all, forwarded), text, 1.0),
    ]
    gc.collect()
    gc.freeze()
    for number in range(TURNS):
        messages = traffic(number, COPIES)
        for side in (full, text, kept, *(side for side, _, _ in rows)):
            side.turn(messages)
    gc.unfreeze()
    figures: list[dict[str, object]] = [
        {
            "name": side.name,
            "value": side.rate / against.rate,
            "unit": "times the rate",
            "ratio_to": f"{against.name} ({against.rate:,.0f}/s)",
            "target": f"at least {target:g}" if target else None,
        }
        for side, against, target in rows
    ]
    messages = traffic(TURNS, COPIES)
    return figures + [
        _memory("as read", messages, read, 12),
        _memory("all header fields typed", messages, as_text, 12),
        _memory("with all parts of all values", messages, every_part, 16),
        _memory("sippy's full parse", messages, sippy_full, None),
    ]


def _memory(how: str, octets: Sequence[bytes], work: Callable[[bytes], object], most: int | None) -> dict[str, object]:
    """What one message holds on average, as a multiple of its octets on the wire."""
    gc.collect()
    tracemalloc.start()
    kept = [work(each) for each in octets]
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = sum(map(len, octets)) / len(octets)
    return {
        "name": f"SIP: memory of one message, {how}",
        "value": held / len(kept) / size,
        "unit": "times",
        "ratio_to": f"its {size:,.0f} octets on the wire",
        "target": f"at most {most}" if most else None,
    }
