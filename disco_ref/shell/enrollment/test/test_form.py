"""Forms: what is written is read, and nothing else is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.enrollment.form import BadForm, Part, read_form, write_form

KIND = "multipart/form-data; boundary=between"


class FormTest(SynchronousTestCase):
    """multipart/form-data."""

    @settings(deadline=None, derandomize=True, max_examples=80)
    @given(st.lists(st.binary(max_size=60), max_size=5))
    def test_octets_come_back(self, values: list[bytes]) -> None:
        """Whatever octets the parameters have, they come back."""
        parts = [(f"p{number}", Part("application/pkcs10", octets)) for number, octets in enumerate(values)]
        if parts:
            self.assertEqual(read_form(write_form(parts, "between"), KIND), dict(parts))

    def test_files_are_parameters(self) -> None:
        """A parameter that is sent as a file, as curl does it, is read like any other."""
        head = b'--between\r\nContent-Disposition: form-data; name="csr"; filename="x.csr"\r\n'
        body = head + b"Content-Type: Application/PKCS10\r\n\r\n\0\r\n\xff\r\n--between--\r\n"
        self.assertEqual(read_form(body, KIND), {"csr": Part("application/pkcs10", b"\0\r\n\xff")})

    def test_every_truncation(self) -> None:
        """A form that ends too early is refused, wherever it ends."""
        body = write_form([("a", Part("text/plain", b"1")), ("b", Part("text/plain", b"2"))], "between")
        for end in range(len(body) - 4):
            self.assertRaises(BadForm, read_form, body[:end], KIND)

    def test_twice_and_too_many(self) -> None:
        """A parameter that stands twice, or more of them than anybody needs, are refused."""
        one = Part("text/plain", b"1")
        self.assertRaises(BadForm, read_form, write_form([("a", one), ("a", one)], "between"), KIND)
        many = [(f"p{number}", one) for number in range(40)]
        self.assertRaises(BadForm, read_form, write_form(many, "between"), KIND)

    def test_no_form(self) -> None:
        """Another media type, or one without a usable boundary, is refused."""
        for kind in ("", "text/plain", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 71):
            self.assertRaises(BadForm, read_form, b"", kind)
