"""What ``disco-ref call`` prints: a line for everything that happens."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import TextIO

from disco_ref.media.offer_answer.agreement import Agreement
from disco_ref.shell.notes import printable


class View:
    """Prints what happens, as text or as JSON."""

    def __init__(self, as_json: bool, out: TextIO | None = None, clock: Callable[[], float] = time.time) -> None:
        self._as_json = as_json
        self._out = out or sys.stdout
        self._clock = clock
        self.unread = False
        """Whether nobody reads any more."""

    def show(self, event: str, text: str, **fields: str | int | float | bool) -> None:
        """One line."""
        now = self._clock()
        if self._as_json:
            line = json.dumps({"time": round(now, 3), "event": event, **fields})
        else:
            line = f"{time.strftime('%H:%M:%S', time.localtime(now))}.{int(now * 1000) % 1000:03}  {printable(text)}"
        try:
            print(line, file=self._out, flush=True)
        except OSError:
            self.unread = True


def streams(agreement: Agreement) -> str:
    """What media go where, in words."""
    said = [
        f"{one.media} {one.sent[0].codec.name if one.sent else '?'} {one.direction} to {one.address or 'hold'}"
        for one in agreement
    ]
    return ", ".join(said) or "no media"
