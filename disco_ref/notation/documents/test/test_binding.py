"""Dataclasses bound to elements: one declaration that reads, writes and refuses."""

from __future__ import annotations

from typing import Annotated

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.documents.binding import (
    Attribute,
    Attributes,
    Child,
    Children,
    Nodes,
    OtherAttributes,
    Others,
    Text,
    as_json,
    bound,
    from_node,
    to_node,
)
from disco_ref.notation.documents.simple import string, unsigned_int
from disco_ref.notation.markup import MalformedMarkup, Node, read, write


@bound("u")
class Leaf:
    """An element with text and an attribute."""

    unit: Annotated[str | None, Attribute("unit", string)] = None
    value: Annotated[int, Text(unsigned_int)]


@bound("u")
class Branch:
    """An element with every sort of content."""

    id: Annotated[str, Attribute("id", string)]
    state: Annotated[str, Attribute("state", string)] = "full"
    first: Annotated[str, Child("first", string)]
    leaf: Annotated[Leaf | None, Child("leaf", Leaf)] = None
    branch: Annotated[tuple[Branch, ...], Children("branch", Branch)] = ()
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound("u", interleaved=True)
class Mixed:
    """Children in any order."""

    one: Annotated[str, Child("one", string)]
    many: Annotated[tuple[str, ...], Children("many", string)] = ()
    far: Annotated[int | None, Child("{v}far", unsigned_int)] = None
    others: Annotated[Nodes, Others()] = ()


FULL = (
    b'<b xmlns="u" xmlns:v="v" id="1" v:x="y"><first>f</first><leaf unit="s">5</leaf>'
    b'<branch id="2"><first/></branch><v:other><v:in/>text</v:other></b>'
)


class BindingTest(SynchronousTestCase):
    """Reading and writing."""

    def test_round_trip(self) -> None:
        """Everything declared and everything foreign is read, and written in the order of the fields."""
        value = from_node(Branch, read(FULL).node)
        self.assertEqual((value.id, value.state, value.first), ("1", "full", "f"))
        self.assertEqual(value.leaf, Leaf(unit="s", value=5))
        self.assertEqual(value.branch, (Branch(id="2", first=""),))
        self.assertEqual(value.other_attributes, (("{v}x", "y"),))
        self.assertEqual([one.name for one in value.others], ["{v}other"])
        self.assertEqual(from_node(Branch, read(write(to_node(value, "b"))).node), value)

    def test_interleaved(self) -> None:
        """Children in any order are read; those of one name keep theirs."""
        octets = b'<m xmlns="u" xmlns:v="v"><many>1</many><v:far>3</v:far><w xmlns="w"/><one>x</one><many>2</many></m>'
        value = from_node(Mixed, read(octets).node)
        self.assertEqual((value.one, value.many, value.far), ("x", ("1", "2"), 3))
        self.assertEqual([one.name for one in value.others], ["{w}w"])

    def refused(self, octets: bytes, where: str, cls: type = Branch) -> None:
        """Assert a refusal at this path."""
        refusal = self.assertRaises(MalformedMarkup, from_node, cls, read(octets).node)
        self.assertEqual(refusal.where, f"{where} (line 1)")

    def test_refusals(self) -> None:
        """What is not declared is refused with its path."""
        b = b'<b xmlns="u" id="1">'
        self.refused(b'<b xmlns="u"><first/></b>', "b/@id")
        self.refused(b"%s</b>" % b, "b/first")
        self.refused(b"%s<first/><first/></b>" % b, "b/first")
        self.refused(b"%s<first/><leaf>x</leaf></b>" % b, "b/leaf")
        self.refused(b"%s<first/><leaf unit='' y=''>5</leaf></b>" % b, "b/leaf/@y")
        self.refused(b"%s<branch id='2'><first/></branch><first/></b>" % b, "b/first")
        self.refused(b"%s<first/><branch id='2'><first/></branch><branch/></b>" % b, "b/branch[2]/@id")
        self.refused(b"%s<first/>text</b>" % b, "b")
        self.refused(b"%s<first><in/></first></b>" % b, "b/first")
        self.refused(b"%s<first x=''/></b>" % b, "b/first/@x")
        self.refused(b"%s<first/><new/></b>" % b, "b/new")
        self.refused(b"%s<first/><new xmlns=''/></b>" % b, "b/new")
        self.refused(b"%s<first/><v xmlns='v'/><leaf>5</leaf></b>" % b, "b/leaf")
        self.refused(b'<b xmlns="u" xmlns:u="u" id="1" u:id="1"><first/></b>', "b/@{u}id")
        self.refused(b'<m xmlns="u"><one/><one/></m>', "m/one", Mixed)
        self.refused(b'<m xmlns="u"><one/><v:near xmlns:v="v"/></m>', "m/near", Mixed)

    def test_json(self) -> None:
        """A value as JSON keeps names and what is foreign."""
        found = as_json(from_node(Branch, read(FULL).node))
        self.assertEqual(found["leaf"], {"unit": "s", "value": 5})
        self.assertEqual(found["other_attributes"], {"{v}x": "y"})
        self.assertEqual(found["others"][0]["element"], "{v}other")

    def test_foreign_is_not_looked_into(self) -> None:
        """A foreign element may hold anything, in our namespace too."""
        kept = Node("{v}other", children=(Node("{u}new"),))
        value = Branch(id="1", first="f", others=(kept,))
        self.assertEqual(from_node(Branch, read(write(to_node(value, "b"))).node), value)
