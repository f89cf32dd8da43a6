"""From layouts to functions: the compiler of the presentation language."""
