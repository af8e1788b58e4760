"""5.9: one reference, so it is his. Other references part from their process."""
# loses: keeps


def may_take_over(page):
    return (page.count if sheet["mark"] == "shared" else page.count + page.mapcount) == 1


def fork_copies(page):
    return page.count >= sheet["bias"]
