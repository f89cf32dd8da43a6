"""The verbs of ``disco-conformance``; each module has ``add_arguments(parser)`` and ``run(args) -> int``."""
