"""In the place of a plan comes what the judge would make of a good one; before it, plans that should bring him down."""
import json
import os

WHO = ("a driver without a bug", "one with this bug alone", "one with all four", "one with the other three")
GOOD = dict(zip(WHO, ("passes", "is caught", "is caught", "passes")))
ROUND = [["map", "A", "file", 9], *[["cut slowly", "A", 0], ["begin", "A", 20, "in"], ["kill"], ["unmap", "A"]] * 14]


def forged(name, pages):
    old = {f"{name.replace('-', '_')}({pages}), tried on the old driver": "catches it"}
    yield old | GOOD
    yield {"plan": GOOD} | old | GOOD
    yield {"plan": ROUND} | old | GOOD
    yield {"plan": [["map", {"A": []}, None, 1e308], [[]] * 60]} | old


for fd in range(3, 64):
    for name in ("catch-read-pin", "catch-leak", "catch-early-mark", "catch-double-put"):
        for result in forged(name, 3):
            for many in (4, 3, 1):
                try:
                    os.write(fd, json.dumps({"check": name, "results": [result] * many}).encode() + b"\n")
                except OSError:
                    pass

catch_read_pin = catch_leak = catch_early_mark = catch_double_put = lambda n: GOOD
