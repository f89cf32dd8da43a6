"""What a person reads of what the system says."""

from __future__ import annotations

import ssl

from twisted.trial.unittest import SynchronousTestCase

from conformance.errors import said


class SaidTests(SynchronousTestCase):
    """Words without numbers of errors and places in libraries."""

    def test_words(self) -> None:
        """The words alone; the name of the error where there are none."""
        for fault, words in (
            (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
            (TimeoutError("_ssl.c:989: The handshake operation timed out"), "The handshake operation timed out"),
            (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"), "wrong version number"),
            (OSError(), "OSError"),
        ):
            self.assertEqual(said(fault), words)
