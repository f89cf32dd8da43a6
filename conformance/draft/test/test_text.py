"""Texts become sections, paragraphs and clauses, in both renderings."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.draft.clauses import clauses, sentence_digest, sentences
from conformance.draft.text import plain, read_text

PAGINATED = """Request for Comments: 1

   1. Introduction ........ 1

1.  Introduction

   A node MUST send a thing whose name goes on over the end of a page, and it
   SHOULD do so with care (e.g. slowly,




Someone                      Standards Track                    [Page 1]
\f
RFC 1                        Title                          January 2014


   as far as it can).  A second sentence MAY follow.  It has no keyword.

1.1.  Layout

      struct {
         uint8 number;   /* MUST be 1 */
      } Thing;

   o  First item MUST hold.

   o  Second item says nothing.
"""

MARKDOWN = """Title

1. Introduction

[TOC](#)

A peer MUST use the [SIP usage \\[RFC1\\]](http://example.org/x) of it. Its name

(as given) SHOULD be short.

2. More[TOC](#)

```
enum { one (1), (255) } Thing;
```
"""


class Reading(SynchronousTestCase):
    """Page furniture goes, sentences stay."""

    def test_paginated(self) -> None:
        """A sentence that a page break cuts is one sentence, at its first line."""
        text = read_text(PAGINATED)
        self.assertEqual([section.number for section in text.sections], ["", "1", "1.1"])
        found = list(clauses(text, "rfc1"))
        self.assertEqual(
            [(clause.id, clause.level) for clause in found],
            [
                ("rfc1:1/1a", "MUST"),
                ("rfc1:1/1b", "SHOULD"),
                ("rfc1:1/2", "MAY"),
                ("rfc1:1.1/1", "MUST"),
                ("rfc1:1.1/2", "MUST"),
            ],
        )
        self.assertEqual(found[0].line, 7)
        self.assertTrue(found[0].sentence.endswith("slowly, as far as it can)."))

    def test_code(self) -> None:
        """Structs are told apart from prose."""
        section = read_text(PAGINATED).section("1.1")
        self.assertEqual([paragraph.code for paragraph in section.paragraphs], [True, False, False])

    def test_markdown(self) -> None:
        """The converted rendering gives the same: headings with a link, links within sentences, cut paragraphs."""
        text = read_text(MARKDOWN)
        self.assertEqual([section.title for section in text.sections], ["", "Introduction", "More"])
        found = list(clauses(text, "draft"))
        self.assertEqual([clause.level for clause in found], ["MUST", "SHOULD"])
        self.assertEqual(found[0].sentence, "A peer MUST use the SIP usage [RFC1] of it.")
        self.assertEqual(found[1].sentence, "Its name (as given) SHOULD be short.")
        self.assertTrue(text.section("2").paragraphs[0].code)

    def test_unknown_section(self) -> None:
        """A section that is not there is an error of the caller."""
        self.assertRaises(KeyError, read_text(MARKDOWN).section, "7")

    def test_sentences(self) -> None:
        """Abbreviations and parentheses end no sentence."""
        folded = "See e.g. The book (it is long. Very long) by A. Author. Then go on."
        self.assertEqual([one for _, one in sentences(folded)], [folded[:-12].rstrip(), "Then go on."])

    def test_digest(self) -> None:
        """Line ends and runs of spaces do not change a digest; a word does."""
        self.assertEqual(sentence_digest("a  b\nc"), sentence_digest("a b c"))
        self.assertNotEqual(sentence_digest("a b c"), sentence_digest("a b d"))

    def test_plain(self) -> None:
        """Links lose their targets, also within one another, and escapes their backslash."""
        self.assertEqual(
            plain("the [[RFC1]](x) ([Title, J. Doe](http://example.org/a_(b))) \\[x\\]"),
            "the [RFC1] (Title, J. Doe) [x]",
        )
