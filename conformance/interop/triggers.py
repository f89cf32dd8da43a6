"""How each program is made to act: its own remote control, behind the words that scenarios use.

The words are ``invite`` (``uri``), ``bye``, ``hold``, ``resume``, ``refer`` (``uri``), ``answer``, ``manual`` (let calls
ring) and ``automatic`` (answer them).  What a program cannot be told raises NotClaimed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.live.trigger import Trigger
from conformance.live.wants import NotClaimed
from conformance.record.linphone import Linphone
from conformance.record.programs import Baresip, Program, sipp

SETTLING = 0.2
"""Seconds that a phone is given to take a command in."""

Act = Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class Control(Trigger):
    """A trigger that calls a function of ours."""

    act: Act = field(kw_only=True)

    def __post_init__(self) -> None:
        """There is no program to look for: what is called is a function."""

    def pull(self, do: str, arguments: Mapping[str, str]) -> None:
        """Do it; raises NotClaimed."""
        self.act(do, arguments)


def baresip_trigger(phone: Baresip) -> Trigger:
    """Over the control connection of baresip."""
    words = {
        "invite": ("dial", "{uri}"), "bye": ("hangup", ""), "cancel": ("hangup", ""), "hold": ("hold", ""),
        "resume": ("resume", ""), "refer": ("transfer", "{uri}"), "answer": ("accept", ""), "reinvite": ("reinvite", ""),
        "manual": ("answermode", "manual"), "automatic": ("answermode", "auto"),
    }  # fmt: skip

    def act(do: str, arguments: Mapping[str, str]) -> None:
        if do not in words:
            raise NotClaimed(f"baresip has no command to {do}")
        command, params = words[do]
        if do in ("invite", "manual", "automatic"):
            # a call that an earlier ladder left behind would stand in the way
            phone.say("hangup")
        # baresip adds the transport of its account itself
        uri = arguments.get("uri", "").partition(";transport=")[0]
        phone.say(command, params.format(uri=uri))
        time.sleep(SETTLING)

    return Control("in-process", act=act)


def linphone_trigger(phone: Linphone) -> Trigger:
    """Over linphonecsh."""
    words = {
        "invite": "call {uri}", "bye": "terminate", "cancel": "terminate", "hold": "pause", "resume": "resume",
        "refer": "transfer {uri}", "answer": "answer", "manual": "autoanswer disable", "automatic": "autoanswer enable",
    }  # fmt: skip

    def act(do: str, arguments: Mapping[str, str]) -> None:
        if do not in words:
            raise NotClaimed(f"linphonec has no command to {do}")
        if do in ("invite", "manual", "automatic"):
            # a call that an earlier ladder left behind would stand in the way
            phone.say("terminate all")
        phone.say(words[do].format(uri=arguments.get("uri", "")))

    return Control("in-process", act=act)


def sipp_trigger(folder: Path, host: str, kept: list[Program], transport: str = "udp") -> Trigger:
    """A call by SIPp is a second process with its built-in scenario ``uac``."""

    def act(do: str, arguments: Mapping[str, str]) -> None:
        if do != "invite":
            raise NotClaimed(f"SIPp's built-in scenario has no command to {do}")
        while kept:
            kept.pop().stop()
        user, _, place = arguments["uri"].partition(":")[2].partition(";")[0].partition("@")
        words = (
            "-sn",
            "uac",
            "-p",
            "5091",
            "-mp",
            "30200",
            "-s",
            user,
            "-m",
            "1",
            "-d",
            "500",
            "-t",
            "t1" if transport == "tcp" else "u1",
            place,
        )
        kept.append(sipp(folder, "uac", *words, host=host))

    return Control("in-process", act=act)
