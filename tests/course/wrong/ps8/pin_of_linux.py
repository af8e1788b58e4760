"""A pin weighs 1024, as in Linux. Rule 7 was not read."""
# loses: keeps orders


def may_take_over(page):
    return not page.shared or page.count == 1 if sheet["mark"] == "shared" else page.exclusive or page.count + page.mapcount == 1


def fork_copies(page):
    return page.count >= 1024
