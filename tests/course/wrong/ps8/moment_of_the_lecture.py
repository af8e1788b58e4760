"""The third cond_resched, as in the lecture, for whatever page."""
# loses: moment moment-among


def strike(pages, target):
    return 3, ["give up", "read"]
