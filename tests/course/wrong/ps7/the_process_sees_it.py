"""A test of the pin that asks whether the process sees what was written: it does, like everybody."""
# loses: catch-read-pin


def catch_read_pin(n):
    return [["map", "A", "untouched", n], ["begin", "A", n, "in"], ["card", n], ["finish"], ["expect", "P reads", "A", 0, 0xC1]]
