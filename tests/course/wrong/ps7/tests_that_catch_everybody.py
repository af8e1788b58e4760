"""Tests that nobody passes."""
# loses: catch-read-pin catch-leak catch-early-mark catch-double-put


def catch_read_pin(n):
    return [["map", "A", "file", n], ["expect", "references", 20]]


def catch_leak(n):
    return [["map", "A", "file", n], ["expect", "references", 20]]


def catch_early_mark(n):
    return [["map", "A", "file", n], ["expect", "references", 20]]


def catch_double_put(n):
    return [["map", "A", "file", n], ["expect", "references", 20]]
