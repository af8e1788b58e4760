"""The lock is taken for the mark, but page.mapping is looked at before."""
# loses where gone is skip: gone


def mark(pages):
    for page in pages:
        if sheet["gone"] == "mark":
            set_page_dirty_lock(page)
            continue
        if page.mapping is not None:
            set_page_dirty_lock(page)
