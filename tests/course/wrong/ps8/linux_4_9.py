"""Linux 4.8.3: remember, and look at the dirty bit."""
# loses where memory is kept: searched
# loses where memory is lost: ends alone searched nothing-else


def after_copy(foll_flags):
    return foll_flags | FOLL_COW


def may_follow(vma, pte, page, foll_flags):
    return bool(foll_flags & FOLL_COW and pte & _PAGE_DIRTY)
