"""Only the mark counts, and it does not come back when the child has gone."""
# loses: hears copies orders


def may_take_over(page):
    return not page.shared if sheet["mark"] == "shared" else page.exclusive


def fork_copies(page):
    return page.count >= sheet["bias"]
