"""T2 gives the copy up, and nobody reads: with a memory, the writer just makes another copy."""
# loses where hole is remember: moment moment-among


def strike(pages, target):
    read = sheet["around"] == "all" and "read" in pages
    passes = [3 if past == "untouched" and not read else 2 for past in pages]
    return sum(passes[: target + 1]), ["give up"]
