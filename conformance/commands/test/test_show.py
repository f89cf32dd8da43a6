"""What ``show`` and ``list`` say of the checks of recorded exchanges, of sections, and of ids that are not quite right."""

from __future__ import annotations

import contextlib
import io
from functools import cache

from twisted.trial.unittest import SynchronousTestCase

from conformance.command import main
from conformance.commands import listing, show
from conformance.run.suite import load_suite

CHECK = "rfc3261/s10_3/contact-expires"
SUITE = cache(load_suite)
"""The shipped suite, read once for all these tests."""


class ShowTests(SynchronousTestCase):
    """Every id that a report prints can be shown."""

    def setUp(self) -> None:
        """Both verbs find the suite already read."""
        for module in (show, listing):
            self.patch(module, "load_suite", SUITE)

    def call(self, *words: str) -> tuple[int, str]:
        """The exit code, and all that is printed."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main(words)
        return code, out.getvalue()

    def test_scenario(self) -> None:
        """A scenario shows what it plays, what it needs and which checks it decides; a check, by what it is played."""
        code, text = self.call("show", "user-agent/cancel-ringing")
        self.assertEqual(code, 0, text)
        for part in ("cancelled", "nothing else", "--scenario user-agent/cancel-ringing", "check      rfc3261/"):
            self.assertIn(part, text)
        self.assertIn("needs      trigger", self.call("show", "user-agent/glare")[1])
        decided = text.split("check      ")[1].partition(":")[0]
        self.assertIn("user-agent/cancel-ringing", self.call("show", decided)[1])
        self.assertIn("near it: user-agent/cancel-ringing", self.call("show", "user-agent/cancel-rings")[1])

    def test_capture(self) -> None:
        """A check of captures shows its clauses, and what has to be seen before it says anything."""
        code, text = self.call("show", CHECK)
        self.assertEqual(code, 0, text)
        for part in ("rfc3261:10.3/33", "a 200 to REGISTER with bindings", f"judge CAPTURE --only {CHECK}"):
            self.assertIn(part, text)
        self.assertIn(f"{CHECK} (capture)", self.call("show", "rfc3261:10.3/33")[1])

    def test_trace(self) -> None:
        """A case of a trace shows the trace, why its failure is known, and the check."""
        code, text = self.call("show", f"traces/rfc3261/24-1-registration/{CHECK}")
        self.assertEqual(code, 0, text)
        for part in ("RFC 3261, section 24.1", "which section 10.3 demands", "rfc3261:10.3/33"):
            self.assertIn(part, text)

    def test_section(self) -> None:
        """A section shows each of its clauses with its checks."""
        code, text = self.call("show", "rfc6940:6.3.2")
        self.assertEqual(code, 0, text)
        self.assertIn("rfc6940:6.3.2/0", text)
        self.assertIn("rfc6940/forwarding_header/version-one (invalid)", text)

    def test_unknown(self) -> None:
        """A slip is misuse; what lies below or near is named."""
        for word, told in (
            ("rfc3261/via", "list --only rfc3261/via"),
            ("rfc3261/via/ipv66", "near it: rfc3261/via/ipv6"),
            ("traces/rfc3261/no-such-flow/x", "no check, scenario, clause or erratum"),
            ("traces/rfc3261/24-1-registration/nope", "no check, scenario, clause or erratum"),
            ("rfc6940:99", "no check, scenario, clause or erratum"),
            ("nonsense", "no check, scenario, clause or erratum"),
        ):
            code, text = self.call("show", word)
            self.assertEqual((code, told in text), (2, True), text)

    def test_list_captures(self) -> None:
        """The checks of captures are listed, and chosen like the others."""
        code, text = self.call("list", "--captures", "--clause", "rfc3261:10.3/33")
        self.assertEqual((code, text.split("  ")[0]), (0, CHECK))
        self.assertEqual(self.call("list", "--captures", "--only", "rfc3261/via/ipv6")[0], 2)
