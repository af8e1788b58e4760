"""Faults are counted, and the cond_resched before the first look is not."""
# loses: moment moment-among


def strike(pages, target):
    read = sheet["around"] == "all" and "read" in pages
    return sum(2 if past == "untouched" and not read else 1 for past in pages[: target + 1]), ["give up", "read"]
