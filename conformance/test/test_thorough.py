"""No long test is forgotten: each module of them is named where they are run."""

from __future__ import annotations

import configparser
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places

ROOT = Path(__file__).parents[2]


class ThoroughTests(SynchronousTestCase):
    """Modules named ``thorough_...``, which trial does not find by itself."""

    def test_named(self) -> None:
        """``tox -e thorough`` runs each of them, and plain ``tox`` runs that."""
        if places.installed():
            raise SkipTest("not run: this is no checkout")
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(ROOT / "tox.ini", "utf-8")
        words = settings["testenv:thorough"]["commands"].replace("}", " ").split()
        named = [word for word in words if word.startswith(("disco_ref.", "conformance."))]
        found = [
            ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for folder in ("disco_ref", "conformance")
            for path in (ROOT / folder).rglob("test/thorough_*.py")
        ]
        self.assertGreater(len(found), 3)
        self.assertEqual(sorted(named), sorted(found))
        self.assertIn("thorough", settings["tox"]["env_list"].split(", "))
