"""Sphinx settings."""

project = "DisCo"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
master_doc = "index"
exclude_patterns = ["coverage", "**/node_modules"]
html_theme = "alabaster"
myst_heading_anchors = 3
html_title = "DisCo: the reference and the conformance suite"
html_short_title = "DisCo"
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {
    "page_width": "1180px",
    "sidebar_width": "250px",
    "description": "the reference and the conformance suite",
    "show_powered_by": "false",
    "font_size": "16px",
    "code_font_size": "13px",
}
html_static_path = ["static"]
html_css_files = ["site.css"]
