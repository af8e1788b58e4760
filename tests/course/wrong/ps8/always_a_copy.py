"""Nobody ever takes a page over."""
# loses: hears keeps copies orders


def may_take_over(page):
    return False


def fork_copies(page):
    return page.count >= sheet["bias"]
