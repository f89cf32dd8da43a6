"""What a new recording keeps of the old one; ``thorough_recordings`` makes new ones."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.record.command import kept_tables


class Notes(SynchronousTestCase):
    """What stands in trace.toml by hand outlives a new recording."""

    def test_kept(self) -> None:
        """Expected failures and counts are kept, the head is written anew."""
        text = 'title = "old"\n\n[origin]\nhow = "recorded"\n\n[[expect]]\ncheck = "a"\n\n[judged]\n"a" = 1\n'
        self.assertTrue(kept_tables(text).startswith('[[expect]]\ncheck = "a"'))
        self.assertEqual(kept_tables('title = "old"\n'), "")
