"""The solution of lecture 11, and the weight of a pin in Linux."""
# loses where mark is shared: keeps orders
# loses where mark is others: hears keeps copies orders


def may_take_over(page):
    return page.exclusive or page.count == 1


def fork_copies(page):
    return page.count >= 1024
