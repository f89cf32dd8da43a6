"""Sphinx settings."""

project = "DisCo reference and conformance suite"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
master_doc = "index"
exclude_patterns = ["coverage", "**/node_modules"]
html_theme = "alabaster"
myst_heading_anchors = 3
