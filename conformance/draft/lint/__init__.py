"""Reading a draft critically: one module per kind of defect, each a function from Draft to findings."""

from conformance.draft.lint.command import add_arguments, lint, run

__all__ = ["add_arguments", "lint", "run"]
