"""How Sphinx makes the book; ``make book`` runs it over a copy of this folder with the lectures laid beside it."""

from gupkit import __version__

project = "gupkit"
author = "The gupkit authors"
copyright = "the gupkit authors, MIT licence"  # noqa: A001
version = release = __version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "tools.book.glossary", "tools.book.docstrings",
              "tools.book.sources"]
nb_execution_mode = "off"  # tools/book/executed.py has run them
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_class_signature = "separated"
suppress_warnings = ["ref.python"]  # Errno is gupkit.Errno and that of the file that defines it: the first is meant

html_theme = "furo"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_title = "gupkit"
html_static_path = ["_static"]
html_css_files = ["stage.css", "book.css"]
html_js_files = [
    "stage.js",
    ("films.js", {"data-hidden": "vma_strip frames events source"}),  # what an explorer begins without
    "book.js",
]
html_copy_source = False
html_show_sphinx = False
