"""Every page of a process will do, also one that a child shares."""
# loses: alone nothing-else


def after_copy(foll_flags):
    return foll_flags


def may_follow(vma, pte, page, foll_flags):
    return page is not None and page.anon
