"""Nodes of an overlay in virtual time: connections, joining, what their users want (conformance/SUBJECT.md)."""

from __future__ import annotations

from typing import cast

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.test.members import ARRAY, DICTIONARY, SINGLE, identity, node_id, private_key, root, user
from disco_ref.reload.ids import resource_id
from disco_ref.reload.message.error_response import ErrorResponse
from disco_ref.reload.storage.fetch import FetchAns
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.overlay.settings import node_settings
from disco_ref.shell.nodes.settings import BadSetting
from disco_ref.shell.nodes.test.rings import Wired, document, host

CLIENT = "192.0.2.99:40000"
NEW_YEAR_2036 = 2082758400.0
"""When the certificates of the tests end."""
OWN = f"{host(0)}:6084"


def shown(which: int) -> list[Json]:
    """What a member shows in its handshake."""
    return [each.hex() for each in identity(which).certificates]


def place_of(which: int) -> str:
    """The Resource-ID of a member's user name."""
    return resource_id(user(which).encode()).hex()


class ConnectionTests(SynchronousTestCase):
    """A lone peer, and who connects to it."""

    def setUp(self) -> None:
        """The peer has founded the overlay."""
        self.wired = Wired()
        self.wired.start(0)

    def told(self, number: int, **piece: Json) -> list[dict[str, Json]]:
        """What the peer says to a piece."""
        ends: dict[str, Json] = {"transport": "tls", "source": CLIENT, "destination": OWN, "connection": number}
        return [dict(each) for each in self.wired.ask("n0", "node.receive", **{**ends, "octets": "", **piece})]

    def test_handshake(self) -> None:
        """Certificates are answered with the peer's own, and nothing else is sent before."""
        (said,) = self.told(1, certificates=shown(1))
        self.assertEqual((said["certificates"], said["octets"], said["connection"]), (shown(0), "", 1))
        self.assertEqual((said["source"], said["destination"], said["transport"]), (OWN, CLIENT, "tls"))

    def test_certificates_that_do_not_hold(self) -> None:
        """Nothing, rubbish, one of no Node-ID, one of another issuer: the connection is closed at once, without a word."""
        wrong: list[tuple[str, list[Json]]] = [
            ("nothing", []),
            ("rubbish", ["00ff"]),
            ("the root", [root().hex()]),
            ("another issuer", [identity(1, issuer=7).certificates[0].hex()]),
        ]
        for number, (named, certificates) in enumerate(wrong, 1):
            with self.subTest(named):
                (said,) = self.told(number, certificates=certificates)
                self.assertEqual((said["closed"], said["octets"], said["connection"]), (True, "", number))
                self.assertNotIn("certificates", said)
                self.assertEqual(self.told(number, octets="80"), [])

    def test_a_certificate_out_of_its_time(self) -> None:
        """What holds at the end of a year does not hold when it is over."""
        self.wired = Wired()
        self.wired.now = NEW_YEAR_2036 - 10
        self.wired.start(0)
        (said,) = self.told(1, certificates=shown(1))
        self.assertNotIn("closed", said)
        self.wired.now += 20
        (said,) = self.told(2, certificates=shown(1))
        self.assertTrue(said["closed"])

    def test_a_bad_node(self) -> None:
        """Who is named in the configuration as one is turned away."""
        wired = self.wired = Wired()
        wired.start(0, configuration=document(bad_node=(node_id(3),)))
        (said,) = self.told(1, certificates=shown(3))
        self.assertTrue(said["closed"])
        (said,) = self.told(2, certificates=shown(1))
        self.assertNotIn("closed", said)

    def test_nobody_listens_there(self) -> None:
        """A connection to another port, or over another transport, is closed."""
        for number, wrong in enumerate(({"destination": f"{host(0)}:6085"}, {"transport": "dtls"}), 1):
            (said,) = self.told(number, certificates=shown(1), **cast("dict[str, Json]", wrong))
            self.assertTrue(said["closed"])

    def test_octets_before_certificates(self) -> None:
        """Who says anything before he has proved who he is is turned away."""
        (said,) = self.told(1, octets="8000000000000000")
        self.assertTrue(said["closed"])

    def test_octets_out_of_step(self) -> None:
        """A frame of no known type closes the connection."""
        self.told(1, certificates=shown(1))
        (said,) = self.told(1, octets="ff")
        self.assertTrue(said["closed"])

    def test_silence(self) -> None:
        """A connection that never brings anything is closed after a minute, one that has is kept."""
        self.told(1, certificates=shown(1))
        self.wired.run(59)
        self.assertEqual(self.wired.pieces, [])
        self.wired.run(2)
        self.assertEqual([each["closed"] for each in self.wired.pieces], [True])

    def test_its_own_end(self) -> None:
        """What the harness closes is closed; nothing more is said about it."""
        self.told(1, certificates=shown(1))
        self.assertEqual(self.told(1, closed=True), [])
        self.assertEqual(self.told(1, octets="80"), [])


class RingTests(SynchronousTestCase):
    """Two peers."""

    transport = "tls"

    def setUp(self) -> None:
        """The second one has joined by the first one."""
        self.wired = Wired(self.transport)
        self.wired.start(0)
        self.wired.start(1)
        self.wired.run(20)

    def after(self, name: str, do: str, **params: Json) -> list[tuple[str, str]]:
        """What is said within a second once a user has wanted something, but for acknowledgements; datagrams are paced."""
        before = len(self.wired.said)
        self.wired.trigger(name, do, **params)
        self.wired.run(1)
        return self.wired.codes(before)

    def test_joining(self) -> None:
        """The second peer opens the first connection, and asks for an Attach, and to Join."""
        first = self.wired.pieces[0]
        self.assertEqual((first["connection"], first["certificates"]), (-1, shown(1)))
        self.assertEqual((first["destination"], first["octets"]), (OWN, ""))
        asked = [code for node, code in self.wired.codes() if node == "n1" and code.endswith("_req")]
        self.assertEqual(asked[:2], ["attach_req", "join_req"])
        self.assertIn(("n0", "join_ans"), self.wired.codes())

    def test_store_and_fetch(self) -> None:
        """What the user of one peer stores, the user of the other one fetches; stat and find know it too."""
        at = place_of(1)
        self.assertIn("store_req", str(self.after("n1", "store", kind=SINGLE, resource=at, value=b"hello".hex())))
        for name in ("n0", "n1"):
            self.after(name, "fetch", kind=SINGLE, resource=at)
        found = [each.body for each in self.wired.said if isinstance(each.body, FetchAns)]
        self.assertEqual(len(found), 1, "one of the two is responsible, and asks nobody")
        self.assertIn("hello", str(found[0]))
        said = self.after("n0", "stat", kind=SINGLE, resource=at) + self.after("n1", "stat", kind=SINGLE, resource=at)
        self.assertEqual([code for _, code in said], ["stat_req", "stat_ans"])
        said = self.after("n0", "find", kind=SINGLE, resource=at) + self.after("n1", "find", kind=SINGLE, resource=at)
        self.assertEqual([code for _, code in said], ["find_req", "find_ans"])

    def test_places(self) -> None:
        """An index and a key say where in an array and in a dictionary; numbers may come as digits."""
        for kind, where in ((ARRAY, {"index": 2}), (ARRAY, {"index": "3"}), (DICTIONARY, {"key": node_id(1).hex()})):
            params: dict[str, Json] = {"kind": str(kind), "resource": place_of(1), **cast("dict[str, Json]", where)}
            with self.subTest(where=where):
                stored = self.after("n1", "store", value=b"there".hex(), **params)
                self.assertNotIn("error", str(stored))
                both = self.after("n0", "fetch", **params) + self.after("n1", "fetch", **params)
                self.assertEqual([code for _, code in both], ["fetch_req", "fetch_ans"])
                self.assertIn("there", str(self.wired.said[-1].body))

    def test_ping(self) -> None:
        """A Ping is answered."""
        self.assertEqual(self.after("n0", "ping", node_id=node_id(1).hex()), [("n0", "ping_req"), ("n1", "ping_ans")])

    def test_app_attach(self) -> None:
        """A link of an application is opened at a port of its own, over TLS."""
        before = len(self.wired.pieces)
        said = self.after("n0", "app-attach", node_id=node_id(1).hex(), application=5060)
        self.assertEqual(said, [("n0", "app_attach_req"), ("n1", "app_attach_ans")])
        opened = [each for each in self.wired.pieces[before:] if "certificates" in each]
        self.assertEqual([each["transport"] for each in opened], ["tls", "tls"])
        self.assertNotIn(":6084", str(opened[0]["destination"]))
        self.assertEqual(opened[1]["certificates"], shown(0))
        self.assertNotIn("closed", str(self.wired.pieces[before:]))

    def test_an_application_that_is_not_here(self) -> None:
        """It is refused as not found."""
        self.after("n0", "app-attach", node_id=node_id(1).hex(), application=7)
        answer = self.wired.said[-1].body
        assert isinstance(answer, ErrorResponse)
        self.assertEqual(answer.error_code, 3)

    def test_attach(self) -> None:
        """To a peer that is connected already nothing is said; to one that nobody knows an Attach goes out."""
        self.assertEqual(self.after("n0", "attach", node_id=node_id(1).hex()), [])
        said = self.after("n1", "attach", node_id=bytes(15).hex() + "07")
        self.assertEqual(said[0][1], "attach_req")

    def test_configure(self) -> None:
        """A newer document is told to the other peer, who follows."""
        said = self.after("n0", "configure", configuration=document(2))
        self.assertEqual(said[0], ("n0", "config_update_req"))
        self.assertIn(("n1", "config_update_ans"), said)

    def test_leave(self) -> None:
        """Who leaves says so, closes its connections, and is gone."""
        before = len(self.wired.pieces)
        self.assertIn(("n1", "leave_req"), self.after("n1", "leave"))
        self.assertTrue(any("closed" in each for each in self.wired.pieces[before:]))
        self.assertIsNone(self.wired.wakes["n1"])

    def test_left_alone(self) -> None:
        """Whose only neighbour leaves does not look for others at its own address, is the overlay again, and lets others join."""
        self.wired.trigger("n1", "leave")
        before = len(self.wired.pieces)
        self.wired.run(4 * 3600)
        self.assertEqual([each for each in self.wired.pieces[before:] if each["destination"] == OWN], [])
        self.wired.start(2)
        self.wired.run(20)
        self.assertIn(("n0", "join_ans"), self.wired.codes()[-20:])

    def test_what_cannot_be_triggered(self) -> None:
        """A Kind that the overlay does not have, a place that does not fit, and what there is no word for, are unsupported; the rest is named."""
        at = place_of(1)
        for do, params in (
            ("store", {"kind": 99, "resource": at, "value": "00"}),
            ("store", {"kind": SINGLE, "resource": at, "value": "00", "index": 3}),
            ("invite", {}),
        ):
            with self.subTest(do), self.assertRaises(Unsupported):
                self.wired.trigger("n0", do, **cast("dict[str, Json]", params))
        for do, named in (("ping", "node_id"), ("store", "kind"), ("configure", "configuration"), ("turn", "address")):
            with self.subTest(do), self.assertRaisesRegex(BadSetting, named):
                self.wired.trigger("n0", do, **{named: "zz" if named != "configuration" else 1})

    def test_runs_are_alike(self) -> None:
        """The same words lead to the same connections at the same times."""
        again = Wired(self.transport)
        again.start(0)
        again.start(1)
        again.run(20)
        self.assertEqual(again.codes(), self.wired.codes())
        self.assertEqual(again.wakes, self.wired.wakes)


class DatagramRingTests(RingTests):
    """The same over DTLS."""

    transport = "dtls"


class ClientTests(SynchronousTestCase):
    """A client of a ring of one."""

    def test_visits(self) -> None:
        """It only attaches to the bootstrap node, and stores and fetches through it."""
        wired = Wired()
        wired.start(0)
        wired.start(2, "client")
        wired.run(20)
        self.assertEqual([each.get("certificates") for each in wired.pieces], [shown(2), shown(0)])
        wired.trigger("n2", "store", kind=SINGLE, resource=place_of(2), value=b"mine".hex())
        wired.trigger("n2", "fetch", kind=SINGLE, resource=place_of(2))
        self.assertEqual([code for _, code in wired.codes()], ["store_req", "store_ans", "fetch_req", "fetch_ans"])
        self.assertIn("mine", str(wired.said[-1].body))
        wired.trigger("n2", "leave")
        self.assertTrue(wired.pieces[-1]["closed"])

    def test_tries_again(self) -> None:
        """Where nobody is there it tries again, and also when the peer is gone that everything went through."""
        wired = Wired()
        wired.start(2, "client")
        wired.run(12)
        self.assertEqual([each["connection"] for each in wired.pieces], [-1, -2, -3])
        wired.start(0)
        wired.run(12)
        wired.trigger("n0", "leave")
        wired.run(12)
        opened = [each for each in wired.pieces if each.get("certificates") == shown(2)]
        self.assertGreater(len(opened), 4)


class SettingTests(SynchronousTestCase):
    """What a node is told when it starts."""

    def test_what_is_missing_or_wrong(self) -> None:
        """Each is named."""
        wrong: list[tuple[str, dict[str, Json]]] = [
            ("configuration", {"configuration": "<overlay/>"}),
            ("configuration", {"configuration": 7}),
            ("certificates", {"certificates": []}),
            ("certificates", {"certificates": ["00"]}),
            ("key", {"key": "00"}),
            ("node_id", {"node_id": "xy"}),
        ]
        for named, settings in wrong:
            with self.subTest(named), self.assertRaisesRegex(BadSetting, named):
                Wired().start(0, "peer", **settings)

    def test_one_of_several_node_ids(self) -> None:
        """A certificate that holds several is used with the one that is chosen; without a choice it is refused."""
        several: list[Json] = [identity(0, also=5).certificates[0].hex()]
        with self.assertRaisesRegex(BadSetting, "choose"):
            Wired().start(0, certificates=several)
        wired = Wired()
        wired.start(0, certificates=several, node_id=node_id(5).hex())
        also: list[Json] = [identity(1, also=6).certificates[0].hex()]
        wired.start(1, certificates=also, node_id=node_id(6).hex())
        wired.run(20)
        self.assertIn(("n0", "join_ans"), wired.codes())
        for name, other in (("n1", 5), ("n0", 6)):
            wired.trigger(name, "ping", node_id=node_id(other).hex())
            self.assertEqual([code for _, code in wired.codes()[-2:]], ["ping_req", "ping_ans"])
        wired.trigger("n1", "ping", node_id=node_id(0).hex())
        self.assertNotEqual(wired.codes()[-1], ("n0", "ping_ans"), "it is not that node")

    def test_compression(self) -> None:
        """A node lets opaque IDs stand for Via Lists where it is told to, and otherwise does not."""
        key = private_key(0).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()).hex()
        given: dict[str, Json] = {"configuration": document(), "certificates": shown(0), "key": key}
        listening: list[Json] = [{"transport": "tls", "address": OWN}]
        for value in (True, False):
            params: dict[str, Json] = {"listening": listening, "settings": {**given, "compress": value}}
            self.assertEqual(node_settings(params).compress, value)
        self.assertFalse(node_settings({"listening": listening, "settings": given}).compress)

    def test_transports(self) -> None:
        """One that nothing here speaks is unsupported."""
        with self.assertRaisesRegex(Unsupported, "transport"):
            Wired("tcp").start(0)
