"""Nobody takes a page over, and fork copies none: no rule at all."""
# loses: hears keeps copies orders


def may_take_over(page):
    return False


def fork_copies(page):
    return False
