"""The stage of a scenario: the subject, the parties, the clock, the record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from conformance.lab.sip import Message
from conformance.live.ground import Ground
from conformance.live.memory.record import Entry
from conformance.live.memory.tidying import leave
from conformance.live.network.authority import KINDS
from conformance.live.network.speech import Voice
from conformance.live.network.wire import Arrival, Network, Sent, WireFault
from conformance.live.party import Party
from conformance.live.subject import End, LiveSubject, shown
from conformance.live.trigger import Trigger
from conformance.live.wants import HarnessFault, NotClaimed, NotSeen, final
from conformance.run.model import Json


class Stage(Ground):
    """What a scenario gets."""

    answer = 4.0
    most_steps = 200_000

    def __init__(
        self, subject: LiveSubject, network: Network, *, scale: float = 1.0, trigger: Trigger | None = None
    ) -> None:
        super().__init__(network, scale=scale, trigger=trigger)
        self.subject = subject
        self.parties: dict[str, Party] = {}
        self._network = network
        self._unheard: list[Arrival] = []

    @property
    def transport(self) -> str:
        """How the subject is reached."""
        return self.subject.transport

    @property
    def protocol(self) -> str:
        """What is spoken."""
        return "sip"

    @property
    def given(self) -> Mapping[str, Json]:
        """SIP says everything itself."""
        return {}

    def party(self, name: str, *, transport: str = "", beside: str = "") -> Party:
        """A party with an end of its own, the same one for the same name; ``beside`` names one on whose host it is."""
        if name not in self.parties:
            transport = transport or self.subject.transport
            self.parties[name] = Party(self, name, transport, self._network.open(name, transport, beside))
        return self.parties[name]

    def put(
        self, party: Party, octets: bytes, destination: End, transport: str, *, malformed: bool, label: str,
        connection: int,
    ) -> int:  # fmt: skip
        """Send octets of a party and keep them, give the connection; a network that does not carry them ends the scenario."""
        self._keep(self._network.arrived())
        try:
            sent = self._network.send(party.name, octets, destination, transport, connection)
        except WireFault as fault:
            if fault.fatal:
                # What ended the subject is part of the evidence.
                sent = Sent(self.now, party.end, destination, connection)
                self._wrote(party, sent, octets, transport, malformed=malformed, label=label)
            raise self._lost(fault) from None
        self._wrote(party, sent, octets, transport, malformed=malformed, label=label)
        return sent.connection

    def _wrote(self, party: Party, sent: Sent, octets: bytes, transport: str, *, malformed: bool, label: str) -> None:
        self.record.entries.append(
            Entry(
                time=sent.time,
                party=party.name,
                sent=False,
                transport=transport,
                source=sent.source,
                destination=sent.destination,
                octets=octets,
                malformed=malformed,
                label=label,
            )  # fmt: skip
        )

    def voice(self, party: Party) -> Voice | None:
        """A port for the media of a party; None where media do not pass."""
        return self._network.voice(party.name)

    def refuses(self, party: Party, place: End) -> bool:
        """Whether a port of the subject is closed for media; what else came is heard when the stage goes on."""
        try:
            return self._network.refuses(party.name, place)
        except WireFault as fault:
            raise self._lost(fault) from None

    def drop(self, party: Party, connection: int) -> None:
        """Close a connection of a party."""
        self.note(f"{party.name} closes a connection")
        try:
            self._network.drop(connection)
        except WireFault as fault:
            raise self._lost(fault) from None

    def _due(self) -> float:
        return min((party.resending.next for party in self.parties.values()), default=float("inf"))

    def _step(self, until: float) -> None:
        try:
            if not self._unheard:
                self._keep(self._network.wait(until))
        except WireFault as fault:
            raise self._lost(fault) from None
        arrived, self._unheard = self._unheard, []
        for arrival in arrived:
            self.parties[arrival.party].hear(arrival)
        for party in self.parties.values():
            party.resending.run(self.now)

    def _keep(self, arrived: Sequence[Arrival]) -> None:
        """Write down what came, in its place between what was sent; the parties hear it when the stage goes on."""
        for arrival in arrived:
            if arrival.remark:
                self.note(f"{arrival.party}: {arrival.remark}")
                continue
            if not arrival.octets:
                self.note(f"the subject closes a connection with {arrival.party}")
                self.parties[arrival.party].closed.add(arrival.connection)
                continue
            self._unheard.append(arrival)
            self.record.entries.append(
                Entry(
                    time=arrival.time,
                    party=arrival.party,
                    sent=True,
                    transport=arrival.transport,
                    source=arrival.source,
                    destination=arrival.destination,
                    octets=arrival.octets,
                )  # fmt: skip
            )

    def alive(self, party: Party | None = None, within: float | None = None, *, uri: str = "") -> Message:
        """A sane exchange: OPTIONS, to which any final response will do; raises NotSeen where there is none.

        ``uri``: who is asked, where the subject's own URI leads to somebody else, as with a proxy.
        """
        party = party or next(iter(self.parties.values()))
        if party.spoilt and party.transport != "udp":
            party.hang()  # what was wrong may have cost the subject its place in the stream
        ask = party.request("OPTIONS", uri or self.subject.uri)
        party.send(ask, label="probe")
        return self._lives(lambda: party.expect(final(to=ask), within=within or 2 * self.budget))

    def trigger(self, do: str, **arguments: str) -> None:
        """Make the subject do something (invite, register, subscribe, refer, bye, ...); raises NotClaimed without a trigger."""
        self.note(f"trigger: {do} {' '.join(arguments.values())}".rstrip())
        self._pull(lambda: self._network.trigger(do, arguments), do, arguments)

    def dress(self, party: Party, certificate: str = "", suite: str = "") -> None:
        """Let a party show a certificate of the harness' authority (``authority.KINDS``), or offer one suite only; raises NotClaimed without an authority."""
        end = self._network.dress(party.name, certificate, suite)
        if end is None:
            raise NotClaimed("the target is not reached over TLS, or the run has no --authority")
        if certificate:
            self.note(f"{party.name} shows at {shown(end)} a certificate that is {KINDS[certificate]}")
        if suite:
            self.note(f"{party.name} offers {suite} only")

    def join(self, party: Party, group: End) -> None:
        """Let a party hear what is sent to a multicast group; raises NotClaimed where that is not carried."""
        self.note(f"{party.name} listens to {shown(group)}")
        if not self._network.join(party.name, group):
            raise NotClaimed("multicast is played in virtual time only")

    def configure(self, **settings: Json) -> None:
        """Begin anew with a subject that has these settings (SUBJECT.md); raises NotClaimed where it cannot be told them."""
        self.note(f"configured: {json.dumps(settings)}")
        try:
            done = self._network.configure(settings)
        except WireFault as fault:
            raise self._lost(fault) from None
        if not done:
            raise NotClaimed("a target on the network cannot be told its settings")

    def tidy(self) -> None:
        """End what is still open, so that the next scenario starts with a subject at rest."""
        for party in self.parties.values():
            try:
                leave(party)
            except (NotSeen, HarnessFault):
                self.note(f"what {party.name} had open could not be ended")
