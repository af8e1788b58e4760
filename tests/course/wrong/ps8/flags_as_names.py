"""after_copy gives a word and no flags."""
# loses: ends alone searched nothing-else


def after_copy(foll_flags):
    return "FOLL_COW"


def may_follow(vma, pte, page, foll_flags):
    return True
