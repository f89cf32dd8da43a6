"""Formats of a stream by their numbers: what is a codec, and what is left out (RFC 4566, section 6)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.media.offer_answer.formats import Codec, Format, formats
from disco_ref.media.sdp.description import Attribute, MediaDescription


def listed(numbers: str, *maps: str) -> tuple[Format, ...]:
    """The formats of a stream with these numbers and maps."""
    attributes = tuple(Attribute(name="rtpmap", value=each) for each in maps)
    return formats(
        MediaDescription(
            media="audio", port=4000, protocol="RTP/AVP", formats=tuple(numbers.split()), attributes=attributes
        )
    )


class Formats(SynchronousTestCase):
    """What numbers and maps stand for."""

    def codec(self, text: str) -> Codec | None:
        """What a map says, if it makes sense."""
        found = listed("96", f"96 {text}")
        return found[0].codec if found else None

    def test_rates(self) -> None:
        """A clock rate is a number from 1 on, of no more than nine digits."""
        for rate in (1, 8000, 999_999_999):
            self.assertEqual(self.codec(f"x/{rate}"), Codec("x", rate, 1))
        for text in ("x/0", "x/1000000000", "x/-1", "x/", "x", "/8000", "x/8k", "x/\u0661"):
            self.assertIsNone(self.codec(text), text)

    def test_channels(self) -> None:
        """Channels are one unless a number says otherwise."""
        for text, count in (("x/8000/2", 2), ("x/8000/999", 999), ("x/8000/1000", 1), ("x/8000/y", 1), ("x/8000", 1)):
            self.assertEqual(self.codec(text), Codec("x", 8000, count))

    def test_numbers(self) -> None:
        """Numbers are 0 to 127, each counts once, and the first map of a number holds."""
        maps = ("127 a/1", "128 b/1", "127 c/1")
        self.assertEqual([(each.number, each.codec.name) for each in listed("0 127 128 127 1270 x", *maps)],
                         [(0, "PCMU"), (127, "a")])  # fmt: skip
