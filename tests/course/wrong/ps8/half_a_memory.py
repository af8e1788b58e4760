"""Who has made a copy may have whatever is there."""
# loses where memory is kept: searched
# loses where memory is lost: ends alone searched nothing-else


def after_copy(foll_flags):
    return foll_flags | FOLL_COW


def may_follow(vma, pte, page, foll_flags):
    return bool(foll_flags & FOLL_COW)
