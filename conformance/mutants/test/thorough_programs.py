"""The unbroken subject of the mutants that are user agents; long because each of its registrations is a program."""

from __future__ import annotations

from conformance.mutants.test import test_programs


class UserAgentTests(test_programs.Unbroken):
    """What kills the mutants holds for it."""

    def test_user_agent(self) -> None:
        """Where it registers."""
        self.check("user-agent", "/s26_3_2_1/")
