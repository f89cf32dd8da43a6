"""Tests of ``disco-ref simulate --property`` and ``--static``, of the picture of hops, and of runs that are ended."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shlex
import signal
from pathlib import Path
from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.commands import simulate, simulate_trials
from disco_ref.shell.simulation.ending_early import until_told
from disco_ref.shell.simulation.hop_picture import svg
from disco_ref.shell.simulation.properties import catalogue
from disco_ref.shell.simulation.properties.trial import Finding
from disco_ref.shell.simulation.standing import Hops


class CommandCase(SynchronousTestCase):
    """The command, by its options."""

    def run_with(self, line: str) -> tuple[int, str, str]:
        """The status, and what was written to both outputs."""
        parser = argparse.ArgumentParser()
        simulate.add(parser)
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            status = simulate.run(parser.parse_args(shlex.split(line)))
        return status, out.getvalue(), errors.getvalue()

    def folder(self) -> Path:
        """Somewhere to write."""
        folder = Path(self.mktemp())
        folder.mkdir()
        return folder


class TrialTests(CommandCase):
    """Properties."""

    def made_up(self, broken: tuple[int, ...] = (), ends_at: int = -1) -> None:
        """A property that does not hold with some seeds, and is told to end at one."""

        def odd(seed: int) -> Finding:
            if seed == ends_at:
                os.kill(os.getpid(), signal.SIGTERM)
            return Finding("odd", seed, ("it is odd",) if seed in broken else (), {"half": seed / 2}, seed)

        self.patch(catalogue, "PROPERTIES", {"odd": odd})
        for module in (simulate, simulate_trials):
            self.patch(module, "PROPERTIES", catalogue.PROPERTIES)

    def test_replay(self) -> None:
        """A seed with which something does not hold is printed with the command that tries it again; the status is 1."""
        self.made_up((2,))
        status, out, _ = self.run_with("--seeds 1..3")
        self.assertEqual(status, 1)
        self.assertIn("it is odd\n  the same again: disco-ref simulate --property odd --seeds 2\n", out)
        self.assertEqual(self.run_with("--property odd --seeds 3")[0], 0)

    def test_files(self) -> None:
        """Trials are lines of CSV, and JSON; a file that cannot be written is misuse."""
        self.made_up((2,))
        folder = self.folder()
        status, out, _ = self.run_with(f"--seeds 1..2 --json --csv {folder}/a.csv")
        told = json.loads(out)
        self.assertEqual((status, told["complete"], [each["seed"] for each in told["trials"]]), (1, True, [1, 2]))
        wanted = "property,seed,checksum,broken,half\nodd,1,00000001,,0.5\nodd,2,00000002,it is odd,1.0\n"
        self.assertEqual((folder / "a.csv").read_text(), wanted)
        self.assertEqual(self.run_with(f"--seeds 1 --csv {folder}/none/a.csv")[0], 2)

    def test_ended(self) -> None:
        """SIGTERM ends the trials; those before are shown and written."""
        self.made_up(ends_at=3)
        folder = self.folder()
        status, out, errors = self.run_with(f"--seeds 1..9 --csv {folder}/a.csv --json")
        self.assertEqual((status, json.loads(out)["complete"]), (143, False))
        self.assertEqual(len((folder / "a.csv").read_text().splitlines()), 3)
        self.assertIn("ended by SIGTERM after 2 trials", errors)

    def test_refused(self) -> None:
        """Seeds and sizes that make no sense are refused."""
        for line in ("--seeds 3..1", "--seeds x", "--seeds 1..", "--static 1", "--static 100,x", "--property none"):
            with self.assertRaises(SystemExit):
                self.run_with(line)


class EndedTests(CommandCase):
    """Runs that are told to end."""

    def test_minutes(self) -> None:
        """A run that is ended shows and writes the minutes that it has."""
        folder = self.folder()
        before = signal.getsignal(signal.SIGALRM)
        signal.signal(signal.SIGALRM, lambda number, frame: os.kill(os.getpid(), signal.SIGINT))
        signal.setitimer(signal.ITIMER_REAL, 0.7)
        try:
            options = "--peers 2 --values 1 --minutes 100000 --fetches 600"
            status, _, errors = self.run_with(f"{options} --csv {folder}/a.csv --svg {folder}/a.svg")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        self.assertEqual(status, 130)
        self.assertIn("ended by SIGINT after", errors)
        self.assertTrue((folder / "a.csv").read_text().startswith("minute,"))

    def test_signals(self) -> None:
        """What the signals did before they do afterwards."""
        before = signal.getsignal(signal.SIGTERM)
        with until_told() as ended:
            os.kill(os.getpid(), signal.SIGTERM)
            self.fail("not ended")
        self.assertEqual((ended.by, ended.status, signal.getsignal(signal.SIGTERM)), (signal.SIGTERM, 143, before))


class HopTests(CommandCase):
    """Static rings."""

    def test_measured(self) -> None:
        """Hops grow as half the logarithm; they are shown, and written as CSV and as a picture."""
        folder = self.folder()
        status, out, _ = self.run_with(f"--static 16,256 --json --csv {folder}/a.csv --svg {folder}/a.svg")
        small, large = json.loads(out)
        self.assertEqual((status, small["half of log2"], large["half of log2"]), (0, 2.0, 4.0))
        self.assertTrue(1.5 < large["mean"] - small["mean"] < 2.5)
        self.assertEqual(len((folder / "a.csv").read_text().splitlines()), 3)
        root = ElementTree.parse(folder / "a.svg").getroot()
        self.assertEqual(len(root.findall("{http://www.w3.org/2000/svg}circle")), 2)
        self.assertEqual(self.run_with(f"--static 2 --svg {folder}/none/a.svg")[0], 2)

    def test_picture(self) -> None:
        """The picture is well formed whatever the title, also without a ring."""
        for found in ([Hops(2, 1, 0.5, 1, 1.0)], []):
            ElementTree.fromstring(svg("<&", found, {4: 1.5}))
