"""The mark is read the wrong way round."""
# loses: hears keeps orders


def may_take_over(page):
    return page.shared if sheet["mark"] == "shared" else not page.exclusive


def fork_copies(page):
    return page.count >= sheet["bias"]
