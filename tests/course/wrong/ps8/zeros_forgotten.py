"""`page` is None for the page of zeros, and that was not thought of."""
# loses: ends alone searched nothing-else


def after_copy(foll_flags):
    return foll_flags | FOLL_COW


def may_follow(vma, pte, page, foll_flags):
    return page.anon and (foll_flags & FOLL_COW if sheet["memory"] == "kept" else page.mapcount == 0)
