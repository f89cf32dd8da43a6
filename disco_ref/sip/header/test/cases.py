"""What tests of header fields share: texts that are read, and texts that are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.header.field import AnyField
from disco_ref.sip.message import check_values
from disco_ref.sip.refusals import BadRequest


class FieldCase(SynchronousTestCase):
    """Readers held against tables."""

    def written(self, field: AnyField, cases: Mapping[str, str]) -> None:
        """Assert how what is read is written; what is written reads and is written the same again."""
        for text, canonical in cases.items():
            check_values(field.typed([text]))
            self.assertEqual(field.rewritten([text]), [canonical])
            self.assertEqual(list(field.typed([canonical])), list(field.typed([text])))
            self.assertEqual(field.rewritten([canonical]), [canonical])

    def refused(self, field: AnyField, texts: Sequence[str]) -> None:
        """Assert that none of the texts is read, or that a parameter in it is refused when it is looked at."""
        for text in texts:
            with self.assertRaises(BadRequest, msg=text) as caught:
                check_values(field.typed([text]))
            self.assertNotEqual(caught.exception.where, "")
