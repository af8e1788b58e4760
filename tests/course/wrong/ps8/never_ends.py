"""A writer remains a writer, and wants a writable entry."""
# loses: ends alone searched nothing-else


def after_copy(foll_flags):
    return foll_flags


def may_follow(vma, pte, page, foll_flags):
    return False
