"""A test of the mark that looks at the disk before anything is written to it."""
# loses: catch-early-mark


def catch_early_mark(n):
    return [["map", "A", "file", n], ["begin", "A", n, "in"], ["card", n], ["finish"], ["expect", "disk", "A", 0, 0xC1]]
