"""Rule 4 the other way round."""
# loses: gone


def mark(pages):
    for page in pages:
        if sheet["gone"] == "skip":
            set_page_dirty_lock(page)
            continue
        lock_page(page)
        if page.mapping is not None:
            set_page_dirty(page)
        unlock_page(page)
