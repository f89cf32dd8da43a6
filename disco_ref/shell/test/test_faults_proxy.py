"""Faults at proxies in virtual time: loops, forks of loops, and ways that lead nowhere (RFC 3261, section 16; RFC 5393)."""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

import disco_ref.peer.proxy
import disco_ref.sip.transaction.performing.servers
from disco_ref.peer.proxy import ProxyCore
from disco_ref.shell.memory_network import MemoryNetwork
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.message import Request, Response, read

SEEDS = 100
ONE, OTHER, CALLER, PHONE = (Address(f"192.0.2.{number}", 5060) for number in (1, 2, 9, 8))


class Open(SynchronousTestCase):
    """Two open registrars with proxies, and somebody who registers what they like."""

    def setUp(self) -> None:
        """Both, the caller, and a telephone that somebody may have."""
        self.network = MemoryNetwork(1)
        self.cores = [ProxyCore([], self.network.entropy, stores=False, recurses=True) for _ in range(2)]
        self.elements = [
            self.network.element(core, (Transport.UDP, at)) for core, at in zip(self.cores, (ONE, OTHER), strict=True)
        ]
        self.caller, self.phone = self.network.raw(CALLER), self.network.raw(PHONE)
        self.serial = 0

    def send(self, method: str, uri: str, at: Address, *lines: str) -> None:
        """A request of the caller."""
        self.serial += 1
        head = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {CALLER};branch=z9hG4bK{self.serial}",
            f"From: <{uri}>;tag=a",
            f"To: <{uri}>",
            f"Call-ID: {self.serial}",
            f"CSeq: 1 {method}",
            *lines,
            "Content-Length: 0",
        ]
        self.caller.send("\r\n".join([*head, "", ""]).encode(), at)

    def register(self, name: str, at: Address, *contacts: str) -> None:
        """Somebody is reached at these places, by the first one first."""
        places = [f"Contact: <{one}>;q=0.{9 - place}" for place, one in enumerate(contacts)]
        self.send("REGISTER", f"sip:{name}@{at}", at, *places)

    def asked(self, method: str, uri: str, at: Address, *lines: str) -> tuple[int, int]:
        """The final status of a request, and how many messages it took."""
        self.network.run(1)
        before, heard = len(self.network.sent), len(self.caller.received)
        self.send(method, uri, at, "Max-Forwards: 70", f"Contact: <sip:{CALLER}>", *lines)
        self.network.run(0.4)
        answers = [read(octets) for _, octets, _ in self.caller.received[heard:]]
        finals = [one.status_code for one in answers if isinstance(one, Response) and one.status_code >= 200]
        return finals[0], len(self.network.sent) - before

    def all_over(self) -> None:
        """Nothing is left but registrations."""
        self.network.run(400)
        for core, element in zip(self.cores, self.elements, strict=True):
            self.assertEqual((len(core.proxy), element.held["transactions"], element.held["sending"]), (0, 0, 0))


class Loops(Open):
    """Registrations that lead back."""

    # = rfc3261:16.3/14 test
    def test_back_and_forth(self) -> None:
        """Who is registered at each other's, or at itself, is a loop that is found on its first round."""
        self.register("u", ONE, f"sip:u@{OTHER}")
        self.register("u", OTHER, f"sip:u@{ONE}")
        self.register("v", ONE, f"sip:v@{ONE}")
        for name in "uv":
            status, messages = self.asked("INVITE", f"sip:{name}@{ONE}", ONE)
            self.assertEqual((status, messages < 20), (482, True))
        self.all_over()

    # = rfc5393:5.3.3/0 test
    def test_everybody_to_everybody(self) -> None:
        """Ten users who are registered at each other's, one after the other or at once, cost some hundred messages."""
        for each in (lambda place: f";q=0.{place}", lambda place: ""):
            for number in range(10):
                others = [f"<sip:u{other}@{ONE}>{each(other)}" for other in range(10) if other != number]
                self.send("REGISTER", f"sip:u{number}@{ONE}", ONE, f"Contact: {', '.join(others)}")
            for method in ("INVITE", "MESSAGE"):
                status, messages = self.asked(method, f"sip:u0@{ONE}", ONE)
                self.assertIn(status, (440, 482))
                self.assertLess(messages, 1000)
        self.all_over()

    def test_breadth(self) -> None:
        """A request comes to no more branches than its sender allows, and says of each how many may come of it."""
        self.send("REGISTER", f"sip:u@{ONE}", ONE, f"Contact: <sip:a@{PHONE}>, <sip:b@{PHONE}>")
        self.assertEqual(self.asked("MESSAGE", f"sip:u@{ONE}", ONE, "Max-Breadth: 1")[0], 440)
        self.assertEqual(self.phone.received, [])
        self.send("MESSAGE", f"sip:u@{ONE}", ONE, "Max-Breadth: 100")
        self.network.run(0.1)
        copies = [read(octets) for _, octets, _ in self.phone.received]
        shares = [int(one.headers.texts("max-breadth")[0]) for one in copies if isinstance(one, Request)]
        self.assertEqual((len(shares), sum(shares) <= 60, min(shares) > 0), (2, True, True))
        self.all_over()

    def test_no_way(self) -> None:
        """A malformed way to a target is answered, and nothing of the request is kept; other targets are tried."""
        self.assertEqual(self.asked("INVITE", f"sip:x@{PHONE}", ONE, "Route: <sip:192.0.2.77;lr;lr>")[0], 400)
        self.all_over()
        self.register("u", ONE, f"sip:a@{PHONE};lr;lr", f"sip:b@{PHONE}")
        self.send("MESSAGE", f"sip:u@{ONE}", ONE, "Max-Forwards: 70")
        self.all_over()

    def test_stray_cancel(self) -> None:
        """A CANCEL of nothing that is known here is passed on, its answer comes back, and nothing of it is kept."""
        # = rfc3261:16.10/0 test
        self.assertEqual(self.asked("CANCEL", f"sip:u@{OTHER}", ONE)[0], 404)
        self.all_over()
        self.send("CANCEL", f"sip:x@{PHONE}", ONE)
        self.all_over()


class Heavy(Open):
    """Requests of a weight that is allowed, many at once."""

    def flood(self, count: int, *lines: str) -> list[int]:
        """The statuses that come for so many."""
        heard = len(self.caller.received)
        for _ in range(count):
            self.send("MESSAGE", f"sip:u@{ONE}", ONE, "Max-Forwards: 70", *lines)
        self.network.run(1)
        answers = [read(octets) for _, octets, _ in self.caller.received[heard:]]
        return [one.status_code for one in answers if isinstance(one, Response)]

    def test_requests(self) -> None:
        """What is under way is bounded in octets: more gets 503, and when it is over there is room again."""
        self.patch(disco_ref.peer.proxy, "MOST_OCTETS", 300_000)
        self.register("u", ONE, f"sip:a@{PHONE}")
        heavy = f"Subject: {'x' * 50_000}"
        self.assertEqual(self.flood(10, heavy).count(503), 7)
        self.all_over()
        self.assertEqual((self.cores[0].proxy.octets, self.flood(1, heavy)), (0, []))
        self.all_over()

    def test_responses(self) -> None:
        """What is kept of responses is bounded in octets too."""
        self.patch(disco_ref.sip.transaction.performing.servers, "MOST_OCTETS", 200_000)
        heavy = f"Via: {', '.join(['SIP/2.0/UDP 192.0.2.66;x=1234567890'] * 1000)}"
        statuses = self.flood(10, heavy)
        self.assertEqual((statuses.count(404), statuses.count(503)), (6, 4))
        self.all_over()
        self.assertEqual(self.flood(1, heavy), [404])
        self.all_over()


ODD = (
    "Max-Forwards: 0",
    "Max-Forwards: 70",
    "Max-Breadth: 1",
    "Proxy-Require: x",
    f"Route: <sip:{ONE};lr>",
    f"Route: <sip:{ONE}>",
    f"Route: <sip:{OTHER};lr>, <sip:{ONE};lr>",
    f"Route: <sip:{PHONE};lr>, <tel:+1>",
    "Route: <sip:192.0.2.77;lr;lr>",
    f"Record-Route: <sip:{ONE};lr>",
    f"Contact: <sip:a@{PHONE}>, <sip:b@{PHONE}>;q=0.1",
    f"Contact: <sip:u@{ONE}>",
    "Contact: <tel:+1>",
    "Contact: *",
    "Expires: 0",
    "Path: <sip:192.0.2.8;lr>",
    "Path: <sip:x;lr;lr>",
    "Via: SIP/2.0/TCP x;branch=a",
    "Retry-After: x",
    "CSeq: 7 X",
)
METHODS = ("REGISTER", "INVITE", "INVITE", "ACK", "CANCEL", "BYE", "MESSAGE", "X")
STATUSES = (100, 180, 200, 200, 302, 404, 486, 503, 603)


class Nonsense(Open):
    """A caller and a telephone that say what they like, through two proxies."""

    def say(self, random: Random, turn: int) -> None:
        """A request of the caller."""
        method = random.choice(METHODS)
        uri = random.choice(
            [f"sip:u@{ONE}", f"sip:v@{ONE}", f"sip:u@{OTHER}", f"sip:{ONE}", f"sip:x@{PHONE}", "tel:+1"]
        )
        branch = random.randrange(max(0, turn - 3), turn + 1)
        head = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {CALLER};branch=z9hG4bK{branch}",
            f"From: <{uri}>;tag=a",
            f"To: <{uri}>{random.choice(['', '', ';tag=b'])}",
            f"Call-ID: {random.randrange(3)}",
            f"CSeq: {turn} {method}",
            *random.sample(ODD, random.choice([0, 1, 1, 2])),
            "Content-Length: 0",
        ]
        self.caller.send("\r\n".join([*head, "", ""]).encode(), random.choice([ONE, OTHER]))

    def reply(self, random: Random) -> None:
        """A response to something that the telephone was asked."""
        if not self.phone.received:
            return
        _, octets, source = random.choice(self.phone.received)
        kept = [
            line
            for line in octets.decode().partition("\r\n\r\n")[0].split("\r\n")[1:]
            if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq", "Record-Route")
        ]
        head = [f"SIP/2.0 {random.choice(STATUSES)} X", *kept, *random.sample(ODD, random.choice([0, 1]))]
        self.phone.send("\r\n".join([*head, "Content-Length: 0", "", ""]).encode(), source)

    def test_nonsense(self) -> None:
        """Whatever they say, nothing is raised, nothing is left, and who registers then is reached."""
        for seed in range(SEEDS):
            self.setUp()
            random = Random(seed)
            for turn in range(1, random.randrange(2, 16)):
                if random.random() < 0.6:
                    self.say(random, turn)
                else:
                    self.reply(random)
                self.network.run(random.choice([0.0, 0.02, 0.3, 5.0]))
            self.all_over()
            self.serial = 1000
            self.register("good", ONE, f"sip:good@{PHONE}")
            self.network.run(0.1)
            before = len(self.phone.received)
            self.send("MESSAGE", f"sip:good@{ONE}", ONE, "Max-Forwards: 70")
            self.network.run(0.1)
            self.assertEqual(len(self.phone.received), before + 1, seed)
            self.all_over()
