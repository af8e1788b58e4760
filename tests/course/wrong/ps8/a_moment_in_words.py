"""The moment is told in words."""
# loses: moment moment-among


def strike(pages, target):
    return "after the second fault"
