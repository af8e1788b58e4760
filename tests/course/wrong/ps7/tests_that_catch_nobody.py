"""Tests that expect nothing."""
# loses: catch-read-pin catch-leak catch-early-mark catch-double-put


def catch_read_pin(n):
    return [["map", "A", "file", n], ["begin", "A", n, "in"], ["finish"], ["close"]]


def catch_leak(n):
    return [["map", "A", "file", n], ["begin", "A", n, "in"], ["finish"], ["close"]]


def catch_early_mark(n):
    return [["map", "A", "file", n], ["begin", "A", n, "in"], ["finish"], ["close"]]


def catch_double_put(n):
    return [["map", "A", "file", n], ["begin", "A", n, "in"], ["finish"], ["close"]]
