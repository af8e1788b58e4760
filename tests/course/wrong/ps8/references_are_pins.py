"""Whatever somebody holds is copied at fork."""
# loses: copies


def may_take_over(page):
    return not page.shared or page.count == 1 if sheet["mark"] == "shared" else page.exclusive or page.count + page.mapcount == 1


def fork_copies(page):
    return (page.count if sheet["mark"] == "shared" else page.count + page.mapcount) > 1
