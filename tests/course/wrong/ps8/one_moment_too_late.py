"""The strike comes one cond_resched too late, when the next page's turn has come."""
# loses: moment moment-among


def strike(pages, target):
    read = sheet["around"] == "all" and "read" in pages
    passes = [3 if past == "untouched" and not read else 2 for past in pages]
    return sum(passes[: target + 1]) + 1, ["give up", "read"]
