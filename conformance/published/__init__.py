"""The suite's own ground, judged where it can be: the published texts, and decoders that nobody here wrote."""

from conformance.published.dissected import second_opinions
from conformance.published.texts import published_texts

__all__ = ["published_texts", "second_opinions"]
