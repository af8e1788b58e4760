"""A writer may have whatever is there."""
# loses: alone searched nothing-else


def after_copy(foll_flags):
    return foll_flags


def may_follow(vma, pte, page, foll_flags):
    return True
