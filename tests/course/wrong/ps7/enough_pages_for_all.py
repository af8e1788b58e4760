"""A test of the leak in which as many pages come as were asked for."""
# loses: catch-leak


def catch_leak(n):
    return [["map", "A", "written", n], ["begin", "A", n, "in"], ["finish"], ["expect", "references", 0]]
