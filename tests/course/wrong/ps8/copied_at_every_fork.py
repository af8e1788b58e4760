"""fork copies always: then nothing is ever shared."""
# loses: hears copies orders


def may_take_over(page):
    return not page.shared or page.count == 1 if sheet["mark"] == "shared" else page.exclusive or page.count + page.mapcount == 1


def fork_copies(page):
    return True
