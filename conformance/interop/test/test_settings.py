"""The settings, their scenarios and their expectations fit the suite."""

from __future__ import annotations

from fnmatch import fnmatchcase

from twisted.trial.unittest import SynchronousTestCase

from conformance.interop.command import EXPECTED
from conformance.interop.playing import chosen_scenarios, subject_of
from conformance.interop.settings import SETTINGS
from conformance.interop.triggers import Control
from conformance.judge.catalog import checks
from conformance.live.scenario import scenarios
from conformance.live.wants import NotClaimed
from conformance.run.expectations import load_expectations


class SettingTests(SynchronousTestCase):
    """What would be played."""

    def test_names_once(self) -> None:
        """Each setting has a name of its own."""
        names = [one.name for one in SETTINGS]
        self.assertEqual(len(names), len(set(names)))

    def test_something_is_played(self) -> None:
        """No setting is empty, and no pattern matches nothing."""
        trigger = Control("in-process", act=lambda do, arguments: None)
        for setting in SETTINGS:
            self.assertTrue(chosen_scenarios(setting, trigger), setting.name)
            for pattern in setting.chosen:
                self.assertTrue(any(fnmatchcase(one.id, pattern) for one in scenarios()), f"{setting.name}: {pattern}")

    def test_targets(self) -> None:
        """IPv6 addresses stand in brackets where they are written, and without where they are used."""
        six = next(one for one in SETTINGS if one.name == "baresip-ipv6")
        self.assertEqual(six.target, "sip:udp:[::1]:5070")
        self.assertEqual(subject_of(six).address, ("::1", 5070))

    def test_control_passes_refusals_on(self) -> None:
        """What a program cannot be told ends the scenario as not claimed."""

        def act(do: str, arguments: object) -> None:
            raise NotClaimed(do)

        self.assertRaises(NotClaimed, Control("in-process", act=act).pull, "fly", {})


class ExpectationTests(SynchronousTestCase):
    """The files of expectations."""

    def test_every_entry_is_of_a_check(self) -> None:
        """Each file can be read, and each entry names a check that there is."""
        known = {one.id for one in checks()}
        for path in sorted(EXPECTED.glob("*.toml")):
            wrong = [entry.id for entry in load_expectations(path) if entry.id not in known]
            self.assertEqual(wrong, [], path.name)
