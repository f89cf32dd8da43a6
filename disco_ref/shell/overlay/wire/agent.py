"""One end of ICE: aioice, held to the profile of RELOAD (RFC 6940, sections 6.5.1.3 to 6.5.1.14; RFC 5245).

What the library leaves open is added here: candidates at given addresses, those of loopback too; several STUN servers, over
IPv6 too; nomination of one pair; answers to neighbors that use this node as a STUN server.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol, cast

import aioice
from aioice import stun
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import CandidatePair, StunProtocol

from disco_ref.clock import Duration
from disco_ref.entropy import Entropy
from disco_ref.reload.link.stun_servers import Server
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address

_HIGHEST = 65535
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FRAGMENT, _PASSWORD = 8, 24
"""Characters, of 6 bits each; ICE wants 24 and 128 bits (RFC 5245, section 15.4)."""
_REPEATED = 1
"""Times that a question to a STUN server is repeated: it is given up after 1.5 seconds."""
_BEHIND = 0.1
"""Seconds for which other servers are waited for when one has answered: neighbors behind NATs may never do."""
MOST_SOURCES = 64
"""Addresses whose checks are taken: whoever has carried the Attach knows its password, and each address makes a pair; our choice."""
MOST_EARLY = 8
"""Datagrams that are kept until somebody takes them; their sender repeats them anyway."""


class Observed(NamedTuple):
    """What a STUN server has answered."""

    server: Server
    seen: str | None
    """The address at which it saw this node; None: it has said nothing."""


class _Guard(asyncio.DatagramProtocol):
    """Stands before a socket of the library, which stumbles over attributes that are cut short."""

    def __init__(self, inner: StunProtocol) -> None:
        self._inner = inner

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A datagram; one that the library cannot read is nobody's."""
        with suppress(ValueError, KeyError, struct.error):
            self._inner.datagram_received(data, addr)

    def error_received(self, exc: Exception) -> None:
        """The operating system says that something was not delivered."""
        self._inner.error_received(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        self._inner.connection_lost(exc)


class AgentTold(Protocol):
    """Who is told what an agent hears."""

    def arrived(self, datagram: bytes) -> None:
        """A datagram that is no STUN."""

    def ended(self) -> None:
        """The agent is closed: by its owner, or because the other side answers no more."""


class Agent(aioice.Connection):
    """The ICE of one attempt: gathers, meets the other side, and carries datagrams."""

    def __init__(self, reactor: Reactor, told: AgentTold, entropy: Entropy, addresses: Sequence[str]) -> None:
        """``addresses`` of this node, the preferred one first."""
        super().__init__(
            ice_controlling=True,
            local_username=_characters(entropy, _FRAGMENT),
            local_password=_characters(entropy, _PASSWORD),
        )
        self._reactor = reactor
        self._told = told
        self._addresses = list(addresses)
        self._servers: Sequence[Server] = ()
        self._asked: dict[CandidatePair, float] = {}
        self._sources: set[tuple[str, int]] = set()
        self.observed: list[Observed] = []
        """What STUN servers have said while candidates were gathered."""
        self.round_trip: Duration | None = None
        """Of the check whose pair was nominated, seconds."""
        # This is the library's way to regular nomination: a pair is nominated once its check has succeeded. By itself it asks
        # for every pair at once, and then the two sides may end with different ones.
        self.remote_is_lite = True

    async def gather(self, servers: Sequence[Server]) -> list[aioice.Candidate]:
        """The candidates of this node, with what these STUN servers see."""
        self._servers = servers
        await self.gather_candidates()
        return self.local_candidates

    async def meet(self, controlling: bool, name: str, password: str, remote: Sequence[aioice.Candidate]) -> None:
        """Find a pair that works; ConnectionError where there is none."""
        # = rfc6940:6.5.1.9/1
        self.ice_controlling = controlling
        self.remote_username, self.remote_password = name, password
        # = rfc6940:6.5.1.8/1
        for each in remote:
            await self.add_remote_candidate(each)
        # = rfc6940:6.5.1.10.2/1
        # = rfc6940:6.5.1.12/1
        # = rfc6940:6.5.1.12/2
        await self.add_remote_candidate(None)
        await self.connect()
        # = rfc6940:6.5.1.10.2/0
        used = [pair.protocol for pair in self._nominated.values()]
        for unused in self._protocols:
            if unused not in used:
                unused.transport.close()

    @property
    def ends(self) -> tuple[Address, Address] | None:
        """The own end and the other one, None as long as no pair is nominated."""
        pair = self._nominated.get(1)
        return None if pair is None else (Address(*pair.local_addr), Address(*pair.remote_addr))

    def transmit(self, datagram: bytes) -> None:
        """Send one datagram; it is lost where no pair is nominated."""
        pair = self._nominated.get(1)
        if pair is not None and not pair.protocol.transport.is_closing():
            pair.protocol.transport.sendto(datagram, pair.remote_addr)

    # --- what the library asks for, or tells

    async def get_component_candidates(
        self, component: int, addresses: list[str], timeout: int = 5
    ) -> list[aioice.Candidate]:
        """At the addresses of this node, whatever the library has found."""
        found = await super().get_component_candidates(component, self._addresses, timeout)
        for protocol in self._protocols:
            protocol.transport.set_protocol(_Guard(protocol))
        for number, each in enumerate(found):
            # = rfc6940:6.5.1.1/0 silent: several addresses must not have the same priority (RFC 5245, section 4.1.2.1)
            each.priority = candidate_priority(component, each.type, _HIGHEST - number)
        questions = [
            self._reflexive(protocol, server, number)
            for number, protocol in enumerate(self._protocols)
            for server in self._servers
            if (":" in server[0]) == (":" in protocol.local_candidate.host)
        ]
        known = {(each.host, each.port) for each in found}
        for reflexive in await _soon(questions):
            # One that is its own base, or was seen by another server, is redundant (RFC 5245, section 4.1.3).
            if reflexive is not None and (reflexive.host, reflexive.port) not in known:
                known.add((reflexive.host, reflexive.port))
                found.append(reflexive)
        return found

    async def _reflexive(self, protocol: StunProtocol, server: Server, number: int) -> aioice.Candidate | None:
        """How a STUN server sees a socket of this node."""
        question = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        try:
            answer, _ = await protocol.request(question, server, retransmissions=_REPEATED)
            host, port = cast(tuple[str, int], answer.attributes["XOR-MAPPED-ADDRESS"])
        except (stun.TransactionError, KeyError, OSError, asyncio.CancelledError):
            self.observed.append(Observed(server, None))
            return None
        self.observed.append(Observed(server, host))
        base = protocol.local_candidate
        return aioice.Candidate(
            foundation=candidate_foundation("srflx", f"udp {server}", base.host),
            component=base.component,
            transport=base.transport,
            priority=candidate_priority(base.component, "srflx", _HIGHEST - number),
            host=host,
            port=port,
            type="srflx",
            related_address=base.host,
            related_port=base.port,
        )

    def build_request(self, pair: CandidatePair, nominate: bool) -> stun.Message:
        """A check begins, or its nomination: then its answer is here."""
        self._asked.setdefault(pair, self._reactor.seconds())
        if nominate:
            self._measured(pair)
        return super().build_request(pair, nominate)

    def check_state(self, pair: CandidatePair, state: CandidatePair.State) -> None:
        """The state of a check is another."""
        if state is CandidatePair.State.SUCCEEDED:
            self._measured(pair)
        super().check_state(pair, state)

    def _measured(self, pair: CandidatePair) -> None:
        if self.round_trip is None and pair in self._asked:
            # = rfc6940:6.6.3.1/0
            self.round_trip = Duration(self._reactor.seconds() - self._asked[pair])

    def request_received(self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """A check of the other side; or somebody wants to know how he is seen."""
        if is_question(message):
            protocol.send_stun(seen_at(message, addr), addr)
        elif message.message_class == stun.Class.REQUEST and "PRIORITY" not in message.attributes:
            # The library takes for granted that it is there (RFC 5245, section 7.1.2.1).
            self.respond_error(message, addr, protocol, (400, "Bad Request"))
        else:
            super().request_received(message, addr, protocol)

    def check_incoming(self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """A check that has the right password."""
        if addr in self._sources or len(self._sources) < MOST_SOURCES:
            self._sources.add(addr)
            super().check_incoming(message, addr, protocol)

    def data_received(self, data: bytes, component: int) -> None:
        """No STUN."""
        # = rfc6940:6.5.1.14/1
        self._told.arrived(data)

    def protocol_lost(self, protocol: StunProtocol) -> None:
        """A socket is closed."""
        super().protocol_lost(protocol)
        if any(pair.protocol is protocol for pair in self._nominated.values()):
            self._told.ended()

    async def close(self) -> None:
        """Close it: wanted so, or because the other side has stopped answering."""
        # = rfc6940:6.5.1.10.3/1
        await super().close()
        self._told.ended()


def is_question(message: stun.Message) -> bool:
    """Whether somebody asks a STUN server how he is seen: a check of ICE has a name and a password."""
    if message.message_method != stun.Method.BINDING or message.message_class != stun.Class.REQUEST:
        return False
    return "USERNAME" not in message.attributes and "MESSAGE-INTEGRITY" not in message.attributes


def seen_at(question: stun.Message, address: tuple[str, int]) -> stun.Message:
    """What a STUN server answers: the address that the question came from (RFC 5389, section 10, from memory)."""
    answer = stun.Message(
        message_method=stun.Method.BINDING,
        message_class=stun.Class.RESPONSE,
        transaction_id=question.transaction_id,
    )
    answer.attributes["XOR-MAPPED-ADDRESS"] = (address[0], address[1])
    answer.add_fingerprint()
    return answer


def answered(datagram: bytes, remote: Address) -> bytes | None:
    """The answer of a STUN server to a datagram, None where it asks for none."""
    try:
        message = stun.parse_message(datagram)
    except (ValueError, struct.error):
        return None
    return bytes(seen_at(message, remote)) if is_question(message) else None


async def _soon(
    questions: Iterable[Coroutine[object, object, aioice.Candidate | None]],
) -> list[aioice.Candidate | None]:
    """What servers answer: all of them, or those that do soon after the first one."""
    tasks = [asyncio.ensure_future(each) for each in questions]
    waiting = set(tasks)
    answered_once = False
    while waiting:
        done, waiting = await asyncio.wait(
            waiting, timeout=_BEHIND if answered_once else None, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            for each in waiting:
                each.cancel()
            await asyncio.wait(waiting)
            break
        answered_once = answered_once or any(each.result() is not None for each in done)
    return [each.result() for each in tasks]


def _characters(entropy: Entropy, count: int) -> str:
    return "".join(_ALPHABET[octet % len(_ALPHABET)] for octet in entropy(count))
