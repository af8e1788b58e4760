"""FOLL_WRITE is dropped, as in 2.6.39."""
# loses: searched


def after_copy(foll_flags):
    return foll_flags & ~FOLL_WRITE


def may_follow(vma, pte, page, foll_flags):
    return False
