"""The lecture's second solution: an anonymous page with one entry. Rule 5 was not read."""
# loses: ends alone searched nothing-else


def after_copy(foll_flags):
    return foll_flags


def may_follow(vma, pte, page, foll_flags):
    return page is not None and page.anon and page.mapcount == 1
