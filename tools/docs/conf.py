"""Settings of Sphinx for the site that `make docs` builds; build_site.py lays out its pages."""

project = "auscultation-models"
html_title = project
root_doc = "index"
extensions = ["myst_parser"]
myst_heading_anchors = 4  # links to headings are GitHub's
highlight_language = "text"  # of blocks that name no language
smartquotes = False  # texts stay as they are written

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_search_summary = False  # it would fetch pages, which browsers refuse without a server
