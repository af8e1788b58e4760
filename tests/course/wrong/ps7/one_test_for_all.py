"""One test that catches any of the four bugs, four times."""
# loses: catch-read-pin catch-leak catch-early-mark catch-double-put


def catch_read_pin(n):
    return [
        ["map", "A", "forked", n], ["map", "B", "file", n], ["begin", "A", n + 1, "in"], ["close"],
        ["expect", "references", 0], ["begin", "B", n, "in"], ["card", n], ["finish"], ["close"], ["writeback"],
        ["expect", "disk", "B", n - 1, 65], ["expect", "quiet"], ["expect", "child reads", "A", 0, ord("w")],
    ]  # fmt: skip


catch_leak = catch_early_mark = catch_double_put = catch_read_pin
