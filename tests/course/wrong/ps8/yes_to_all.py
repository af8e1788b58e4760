"""Everybody takes every page over, and fork copies all of them: no rule at all."""
# loses: hears copies orders


def may_take_over(page):
    return True


def fork_copies(page):
    return True
