"""Evidence of a scenario, read with the ring in mind."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.rfc6940.live.placed import Placed, place
from conformance.judge.evidence import Evidence
from conformance.judge.play import Play
from conformance.judge.seen import Seen
from conformance.run.model import Json

OWN = "80" + "00" * 15
NODES = {"ada": "90" + "00" * 15, "bob": "c0" + "00" * 15, "cleo": "70" + "00" * 15}
SUBJECT = "192.0.2.1:6084"


def seen(number: int, party: int, *, sent: bool) -> Seen:
    """Something that is no message, to or from a party."""
    end = f"192.0.2.{10 + party}:6084"
    ends = (SUBJECT, end) if sent else (end, SUBJECT)
    return Seen(
        number=number, time=float(number), source=ends[0], destination=ends[1], transport="tcp", protocol="reload-link",
        direction="sent" if sent else "received",
    )  # fmt: skip


def fact(what: str, **members: Json) -> dict[str, Json]:
    """A fact as a stage writes it."""
    return {"what": what, "link": 0, "party": "", **members}


class PlacedTests(SynchronousTestCase):
    """Three parties, the subject between two of them; one link is closed, one peer comes late."""

    def setUp(self) -> None:
        """Facts behind four events."""
        first: Json = {name: NODES[name] for name in ("ada", "bob")}
        facts: list[tuple[int, dict[str, Json]]] = [
            (0, fact("party", party=name, nodes=[node])) for name, node in NODES.items()
        ]
        facts += [
            (0, fact("subject", node=OWN, update=60, ping=120)),
            (0, fact("ring", members=first, admitted=False)),
            (0, fact("open", link=-1, party="ada", by="subject", near="192.0.2.11:6084", far=SUBJECT)),
            (2, fact("ring", members=dict(NODES), admitted=True)),
            (3, fact("gone", party="ada", how="closed", time=3.5)),
            (3, fact("closed", link=-1, party="ada", by="harness", near="192.0.2.11:6084", far=SUBJECT)),
        ]  # fmt: skip
        events = tuple(seen(number, 1, sent=number % 2 == 0) for number in range(1, 5))
        self.evidence = Evidence(events, play=Play(scenario="peer/none", complete=True, facts=tuple(facts)))
        self.placed = Placed(self.evidence)

    def test_the_ring_is_told_upwards_from_the_subject_as_it_was_then(self) -> None:
        """Another peer is a part of it later, and so is the subject."""
        self.assertEqual(self.placed.ring(1), ([NODES["ada"], NODES["bob"]], False))
        self.assertEqual(self.placed.ring(2), ([NODES["ada"], NODES["bob"], NODES["cleo"]], True))
        self.assertEqual(self.placed.admitted(), 2)

    def test_tables_are_nearest_first(self) -> None:
        """The same peers on both sides of a small ring."""
        around = [NODES["ada"], NODES["bob"], NODES["cleo"]]
        self.assertEqual(self.placed.tables(4), (around[::-1], around))
        self.assertEqual(self.placed.neighbors(4), around)

    def test_places_are_counted_from_the_subject(self) -> None:
        """Around the ring."""
        self.assertEqual(self.placed.distance(NODES["ada"]), 0x10 << 120)
        self.assertEqual(self.placed.behind(0xF0 << 120), NODES["cleo"])

    def test_links_are_there_until_they_are_closed(self) -> None:
        """And it is known whose they are."""
        self.assertEqual(self.placed.connected(2), [NODES["ada"]])
        self.assertEqual(self.placed.connected(4), [])
        self.assertEqual(self.placed.opened(NODES["ada"]), [(0, True)])
        self.assertEqual(self.placed.closed(NODES["ada"], "subject"), [])
        self.assertEqual(self.placed.party(self.evidence.events[0]), "ada")
        self.assertEqual(self.placed.party(seen(9, 7, sent=True)), "")

    def test_a_failure_has_its_own_time(self) -> None:
        """Not that of the last message before it."""
        (gone,) = self.placed.gone()
        self.assertEqual((gone.number, gone.time, gone.node), (3, 3.5, NODES["ada"]))
        self.assertIsNone(self.placed.cut())

    def test_evidence_that_is_cut_short(self) -> None:
        """Numbers that are not there any more lead to the last event before them."""
        cut = Placed(Evidence(self.evidence.events[1:3], play=self.evidence.play))
        self.assertEqual([cut.event(number).number for number in (1, 2, 9)], [2, 2, 3])
        self.assertEqual(cut.nodes["nobody"], "")

    def test_places_of_destinations(self) -> None:
        """Nodes and resources."""
        self.assertEqual(place({"type": "node", "destination_data": {"node_id": OWN}}), OWN)
        self.assertEqual(place({"type": "resource", "destination_data": {"resource_id": "07"}}), "07")
        self.assertEqual(place({"type": "opaque_id_type", "destination_data": {"opaque_id": "07"}}), "")
