"""Which clause is implemented, tested, covered by vectors, checks and traces, and caught by a mutant."""

from conformance.coverage.command import add_arguments, run

__all__ = ["add_arguments", "run"]
