"""Pages are marked without their lock."""
# loses: gone


def mark(pages):
    for page in pages:
        if sheet["gone"] == "mark":
            set_page_dirty(page)
            continue
        if page.mapping is not None:
            set_page_dirty(page)
