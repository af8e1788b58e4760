"""The moment is right for the first page, and the pages before the target are not counted."""
# loses: moment-among


def strike(pages, target):
    read = sheet["around"] == "all" and "read" in pages
    return 3 if pages[target] == "untouched" and not read else 2, ["give up", "read"]
