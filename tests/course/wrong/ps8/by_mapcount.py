"""2011: one entry, so it is his."""
# loses: hears orders


def may_take_over(page):
    return page.mapcount == 1


def fork_copies(page):
    return page.count >= sheet["bias"]
