"""Tests of simulated overlays, and of the command that runs them."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import shlex
from pathlib import Path
from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.commands import simulate
from disco_ref.shell.simulation.experiment import Experiment, Sample, Settings
from disco_ref.shell.simulation.outcome import picture, rows, totals

SMALL = Settings(peers=8, minutes=3, session=3, values=3, fetches=6, seed=5)


def samples_of(settings: Settings) -> tuple[Experiment, list[Sample]]:
    """A run to its end."""
    experiment = Experiment(settings)
    begun = list(experiment.gather())
    assert begun[-1] == settings.peers
    return experiment, list(experiment.minutes())


class ExperimentTests(SynchronousTestCase):
    """Runs."""

    def test_quiet(self) -> None:
        """Where nobody goes, every request reaches its owner and brings the value, and every table is right."""
        experiment, samples = samples_of(SMALL._replace(session=0))
        self.assertEqual([each.minute for each in samples], [1, 2, 3])
        found = totals(experiment, samples)
        self.assertEqual((found["peers"], found["values stored"], found["values lost"]), (8, 3, 0))
        self.assertEqual((found["reached the owner"], found["brought the value"]), (1.0, 1.0))
        self.assertEqual(found["neighbours wrong at the end"], 0)
        self.assertGreater(int(found["requests"]), 10)

    def test_churn(self) -> None:
        """As many come as go."""
        _, samples = samples_of(SMALL)
        self.assertEqual([each.minute for each in samples], [1, 2, 3])
        self.assertGreater(sum(each.went for each in samples), 2)
        self.assertTrue(all(each.peers + each.joining == 8 for each in samples))

    def test_seed(self) -> None:
        """The same settings give the same run to the octet, another seed another one."""
        short = SMALL._replace(peers=5, minutes=1, session=1, values=2)
        (first, samples), (again, same), (other, _) = (samples_of(short._replace(seed=each)) for each in (5, 5, 6))
        self.assertGreater(sum(each.went for each in samples), 0)
        self.assertEqual((samples, first.network.trace), (same, again.network.trace))
        self.assertNotEqual(first.network.trace, other.network.trace)

    def test_whole(self) -> None:
        """A ring that begins whole has right tables without a message, and its peers find what is stored."""
        experiment = Experiment(SMALL._replace(session=0, minutes=1, whole=True))
        for begun in experiment.gather():
            self.assertTrue(begun < 8 or experiment.population.misplaced() == 0)
        (sample,) = experiment.minutes()
        self.assertEqual((experiment.stored, sample.misplaced, sample.answered), (3, 0, sample.asked))

    def test_loss(self) -> None:
        """With a tenth of the records lost values are still stored and fetched."""
        experiment, samples = samples_of(SMALL._replace(session=0, loss=0.1, minutes=1))
        self.assertEqual(experiment.stored, 3)
        self.assertEqual(samples[0].answered, samples[0].asked)


class OutcomeTests(SynchronousTestCase):
    """What is shown."""

    SAMPLES = [Sample(minute, 8, 0, 1, 1, 0, 2.5, 4, 6, 6, 6, 3, 900) for minute in (1, 2, 3)]

    def test_rows(self) -> None:
        """CSV has a line of names and one for each minute."""
        lines = rows(self.SAMPLES).splitlines()
        self.assertEqual(lines[0], ",".join(Sample._fields))
        self.assertEqual(lines[1:], [f"{each},8,0,1,1,0,2.5,4,6,6,6,3,900" for each in (1, 2, 3)])

    def test_picture(self) -> None:
        """The picture is well formed whatever the title, with one line for each quantity, also without a minute."""
        for samples, lines in ((self.SAMPLES, 6), ([], 0)):
            root = ElementTree.fromstring(picture("<&", samples))
            self.assertEqual(len(root.findall("{http://www.w3.org/2000/svg}polyline")), lines)


class CommandTests(SynchronousTestCase):
    """``disco-ref simulate``."""

    def parsed(self, line: str) -> argparse.Namespace:
        """The options of a line."""
        parser = argparse.ArgumentParser()
        simulate.add(parser)
        return parser.parse_args(shlex.split(line))

    def test_replay(self) -> None:
        """The command that is printed has the same settings."""
        for settings in (SMALL, Settings(), Settings(reactive=False, whole=True, loss=0.25, update_interval=60)):
            words = simulate.replay(settings).removeprefix("disco-ref simulate ")
            parsed = self.parsed(words)
            self.assertEqual(Settings(**{name: getattr(parsed, name) for name in Settings._fields}), settings)

    def test_run(self) -> None:
        """Results are JSON where that is wanted, and files are written; one that cannot be written is misuse."""
        folder = Path(self.mktemp())
        folder.mkdir()
        options = "--peers 3 --minutes 1 --values 1 --fetches 2 --json"
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as errors:
            self.assertEqual(simulate.run(self.parsed(f"{options} --csv {folder}/a.csv --svg {folder}/a.svg")), 0)
            self.assertEqual(simulate.run(self.parsed(f"{options} --csv {folder}/none/a.csv")), 2)
        self.assertEqual(json.loads(out.getvalue())["results"]["values stored"], 1)
        self.assertTrue((folder / "a.csv").is_file() and (folder / "a.svg").is_file())
        self.assertIn("cannot write", errors.getvalue())

    def test_refused(self) -> None:
        """Numbers that make no sense are refused."""
        for line in ("--peers 0", "--loss 0.9", "--session -1", "--minutes x", "--latency nan"):
            with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
                self.parsed(line)
