"""Tests that are no plans."""
# loses: catch-read-pin catch-leak catch-early-mark catch-double-put


def catch_read_pin(n):
    return "map A untouched, begin, finish, and then Q reads 0"


def catch_leak(n):
    return [["map", "A", "written", n], ["begin", "A", n + 100, "in"], ["expect", "references", 0]]


def catch_early_mark(n):
    return [["map", "A", "file", n], ["write it back"], ["expect", "disk", "A", 0, 0xC1]]


def catch_double_put(n):
    return [["map", "A", "file", n], ["begin", "B", n, "in"], ["close"], ["expect", "quiet"]]
