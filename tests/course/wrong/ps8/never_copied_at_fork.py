"""fork copies nothing, pinned or not."""
# loses: keeps orders


def may_take_over(page):
    return not page.shared or page.count == 1 if sheet["mark"] == "shared" else page.exclusive or page.count + page.mapcount == 1


def fork_copies(page):
    return False
