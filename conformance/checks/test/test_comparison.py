"""Comparing values as SUBJECT.md says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.comparison import differences, shown, where_bytes_differ, whole

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below, max_size=3),
    max_leaves=8,
)


class DifferencesTests(SynchronousTestCase):
    """Members not named are free; everything else is equal."""

    def test_unnamed_members_are_free(self) -> None:
        """A member that the vector does not name may be there, at every depth."""
        self.assertEqual(list(differences({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}], "d": 3})), [])

    def test_missing_member(self) -> None:
        """A member that the vector names must be there, and null is not absence."""
        self.assertEqual(list(differences({"a": None}, {})), [("value.a", "null", "no such member")])

    def test_array_lengths(self) -> None:
        """Arrays have equal length, also where the beginning agrees."""
        self.assertEqual([path for path, _w, _s in differences({"a": [1]}, {"a": [1, 2]})], ["value.a"])

    def test_boolean_is_no_number(self) -> None:
        """True is not 1, and 1.0 is 1."""
        self.assertEqual(len(list(differences([True, 1], [1, 1.0]))), 1)

    def test_object_for_scalar(self) -> None:
        """An object where a scalar is named differs."""
        self.assertEqual(len(list(differences("x", {"x": "x"}))), 1)
        self.assertEqual(len(list(differences({}, []))), 1)

    @settings(deadline=None, derandomize=True, max_examples=60)
    @given(values)
    def test_reflexive(self, value: object) -> None:
        """Everything is as itself, and names itself as a whole."""
        self.assertEqual(list(differences(value, value)), [])  # type: ignore[arg-type]
        self.assertTrue(whole(value, value))  # type: ignore[arg-type]


class WholeTests(SynchronousTestCase):
    """Whether a vector names everything that was read."""

    def test_part(self) -> None:
        """A member more in what was read makes the vector's value a part."""
        self.assertFalse(whole({"a": 1}, {"a": 1, "b": 2}))
        self.assertFalse(whole([{"a": 1}], [{"a": 1, "b": 2}]))


class ShowingTests(SynchronousTestCase):
    """What a reader sees of a difference."""

    def test_first_octet(self) -> None:
        """The first octet that differs is named, also where one string is the beginning of the other."""
        self.assertEqual(where_bytes_differ("0102ff", "0103ff")[0], "octet 1")
        self.assertEqual(where_bytes_differ("0102", "010203")[0], "octet 2")

    def test_long_values_are_cut(self) -> None:
        """A long value says how long it is."""
        self.assertIn("(5002 characters)", shown("x" * 5000))
