"""A dirty entry is a copy's, one thinks."""
# loses where dirty is writers: alone nothing-else
# loses where dirty is readers: alone searched nothing-else


def after_copy(foll_flags):
    return foll_flags


def may_follow(vma, pte, page, foll_flags):
    return bool(pte & _PAGE_DIRTY)
