"""Structs of the presentation language, written as the specification writes them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.rendering import render
from disco_ref.notation.test.structs import Choice, Closed, Item


class RenderingTests(SynchronousTestCase):
    """Printing back."""

    def test_struct(self) -> None:
        """A layout is printed in the presentation language, counts in their places."""
        self.assertEqual(
            render(Choice).split(),
            [
                "struct",
                "{",
                "Colour",
                "colour;",
                "uint8",
                "length;",
                "select",
                "(colour)",
                "{",
                "case",
                "red:",
                "uint16",
                "one;",
                "case",
                "green:",
                "uint8",
                "left;",
                "uint8",
                "right;",
                "};",
                "uint8",
                "after;",
                "}",
                "Choice;",
            ],
        )

    def test_length(self) -> None:
        """A struct led by its length says so first."""
        self.assertEqual(render(Item).split(), ["struct", "{", "uint32", "length;", "Value", "value;", "}", "Item;"])

    def test_enum(self) -> None:
        """An enum is printed with its wire names and its width."""
        self.assertEqual(render(Closed), "enum { with-hyphen(5), (2^16-1) } Closed;")
