"""The commands that stand on the network; one module each, with ``add(parser)`` and ``run(parsed)``."""
