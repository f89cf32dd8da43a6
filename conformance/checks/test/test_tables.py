"""Tables 2 and 3 as data, and what is worked out from numbers of the specification."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.rfc3261.fields.s19_addresses import SHORTEST_TAG, TELEPHONE
from conformance.checks.rfc3261.fields.s20_tables import METHODS, TABLE, fits, marks
from conformance.checks.rfc3261.series.s08_1_sending import location_of
from conformance.lab.sip import read_message
from conformance.lab.sip.header.table import HEADERS
from conformance.lab.sip.uri import read_uri


def request(method: str) -> bytes:
    """A request with nothing but a sequence number."""
    return f"{method} sip:a@b SIP/2.0\r\nCSeq: 1 {method}\r\n\r\n".encode()


def response(status: int, method: str) -> bytes:
    """A response with nothing but a sequence number."""
    return f"SIP/2.0 {status} Any\r\nCSeq: 1 {method}\r\n\r\n".encode()


class TableTests(SynchronousTestCase):
    """The rows that fit a message, and the closest of them."""

    def test_rows(self) -> None:
        """Every row names a known header and has one mark of the legend for each method."""
        for line in TABLE.strip().splitlines():
            header, _, *columns = line.split()
            self.assertIn(header.lower(), HEADERS, line)
            self.assertEqual(len(columns), len(METHODS), line)
            self.assertLessEqual(set(columns), {"-", "o", "m", "m*", "t", "c", "*"}, line)

    def test_closest_row(self) -> None:
        """A row by status goes before one for all responses, and that before one without where."""
        ok, refused = read_message(response(200, "INVITE")), read_message(response(405, "INVITE"))
        self.assertEqual((marks(ok)["allow"], marks(refused)["allow"]), ("m*", "m"))
        self.assertEqual(marks(read_message(response(486, "INVITE")))["allow"], "o")
        self.assertNotIn("unsupported", marks(ok))

    def test_marks(self) -> None:
        """Contact belongs to INVITE and its 2xx, never to BYE."""
        self.assertEqual(marks(read_message(request("INVITE")))["contact"], "m")
        self.assertEqual(marks(read_message(request("BYE")))["contact"], "-")
        self.assertEqual(marks(read_message(response(200, "BYE")))["contact"], "-")
        self.assertEqual(marks(read_message(response(302, "BYE")))["contact"], "o")

    def test_other_methods(self) -> None:
        """The tables say nothing of methods that came later."""
        self.assertEqual(marks(read_message(request("UPDATE"))), {})

    def test_where(self) -> None:
        """Lists, classes and ranges of status codes."""
        message = read_message(response(486, "INVITE"))
        told = {
            where: fits(where, message) for where in ("404,413,480,486", "4xx", "300-699", "r", "R", "*", "2xx", "48x")
        }
        self.assertEqual(
            told, {"404,413,480,486": 3, "4xx": 3, "300-699": 3, "r": 2, "R": 0, "*": 1, "2xx": 0, "48x": 3}
        )


class NumberTests(SynchronousTestCase):
    """Bounds and forms that checks rest on."""

    def test_shortest_tag(self) -> None:
        """Five characters of a token hold fewer than 32 bits, six hold more."""
        self.assertEqual(SHORTEST_TAG, 6)

    def test_telephone(self) -> None:
        """A global number is told from a name."""
        self.assertTrue(TELEPHONE.match("+1-212-555-0100;isub=1"))
        self.assertIsNone(TELEPHONE.match("alice+1"))
        self.assertIsNone(TELEPHONE.match("2125550100"))

    def test_location(self) -> None:
        """Default ports, groups named by maddr, addresses of both families; names are not looked up."""
        ends = {
            uri: location_of(read_uri(uri)) for uri in ("sip:a@192.0.2.1", "sips:a@192.0.2.1", "sip:[2001:db8::1]:5070")
        }
        self.assertEqual(list(ends.values()), ["192.0.2.1:5060", "192.0.2.1:5061", "[2001:db8::1]:5070"])
        self.assertEqual(location_of(read_uri("sip:a@example.com;maddr=224.0.1.75")), "224.0.1.75:5060")
        self.assertIsNone(location_of(read_uri("sip:a@example.com")))
