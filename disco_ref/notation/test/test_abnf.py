"""Tests of the grammar fragments."""

from __future__ import annotations

import re
from time import process_time

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation import abnf


class FragmentTests(SynchronousTestCase):
    """What each fragment matches, and that patterns made of them end soon."""

    def matches(self, pattern: re.Pattern[str], good: list[str], bad: list[str]) -> None:
        """Assert which texts a pattern matches as a whole."""
        for text in good:
            self.assertIsNotNone(pattern.fullmatch(text), text)
        for text in bad:
            self.assertIsNone(pattern.fullmatch(text), text)

    def test_counts(self) -> None:
        """One, some, any number, and between two bounds."""
        self.matches(abnf.rule(abnf.one("ab")), ["a", "b"], ["", "c", "ab"])
        self.matches(abnf.rule(abnf.some(abnf.DIGIT)), ["0", "123"], ["", "12a"])
        self.matches(abnf.rule(abnf.any_number(abnf.DIGIT)), ["", "123"], ["x"])
        self.matches(abnf.rule(abnf.between(1, 3, abnf.HEXDIG)), ["a", "A0f"], ["", "g", "0000"])

    def test_escapes(self) -> None:
        """An escape is a percent sign and two hexadecimal digits, wherever a character may stand."""
        self.matches(
            abnf.rule(abnf.some_escaped("a-c")), ["a", "%20", "a%2Fb%0a", "%41%42"], ["", "%", "%2", "a%zz", "d"]
        )
        self.matches(abnf.rule(abnf.any_escaped("a-c")), ["", "abc%20"], ["abc%"])

    def test_groups(self) -> None:
        """Optional, repeated, one of several, and a literal in any case."""
        self.matches(abnf.rule("a", abnf.optional("b"), "c"), ["ac", "abc"], ["abbc"])
        self.matches(abnf.rule(abnf.repeated(";" + abnf.some("a")), "!"), ["!", ";a!", ";a;aa!"], [";!", ";a;!"])
        self.matches(abnf.rule(abnf.few(";" + abnf.some("a"), 2), "!"), ["!", ";a!", ";a;a;aaa;a!"], [";!", ";a;!"])
        self.matches(abnf.rule(abnf.either("x", "yz")), ["x", "yz"], ["xyz", ""])
        self.matches(abnf.rule(abnf.any_case("sip:")), ["sip:", "SIP:", "sIp:"], ["sip", "sips:"])
        match = abnf.rule("(?:", abnf.kept("a"), ")", abnf.kept("b")).fullmatch("ab")
        self.assertEqual(match and match.groups(), ("a", "b"))

    def test_a_turn_that_fails_midway_is_given_back(self) -> None:
        """A group in a repetition that fails inside leaves nothing behind, in every release of ``re``."""
        self.assertIsNone(abnf.rule(abnf.repeated("-" + abnf.some("a-z"))).fullmatch("-a-"))

    def test_long_input_takes_linear_time(self) -> None:
        """Ten times the input costs not much more than ten times the work."""
        pattern = abnf.rule(abnf.repeated(";" + abnf.some_escaped("a")), "!")

        def work(length: int) -> float:
            text = ";a%41" * length
            start = process_time()
            self.assertIsNone(pattern.fullmatch(text))
            return process_time() - start

        self.assertLess(work(20_000), 60 * max(work(2_000), 1e-4))
