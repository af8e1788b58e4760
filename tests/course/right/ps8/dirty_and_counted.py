"""By arithmetic, by a table of passes, and by as many signs as there are."""

PASSES = {("untouched", False): 3, ("untouched", True): 2, ("read", False): 2, ("read", True): 2,
          ("copied", False): 2, ("copied", True): 2}  # fmt: skip


def strike(pages, target):
    around = sheet["around"] != "one" and pages.count("read") > 0
    nth = 0
    while target >= 0:
        nth, target = nth + PASSES[pages[target], around], target - 1
    return [nth, ["give up", "read", "read"]]


def after_copy(foll_flags):
    return foll_flags + (0 if foll_flags & FOLL_COW else FOLL_COW)


def may_follow(vma, pte, page, foll_flags):
    own = getattr(page, "anon", False) and bool(pte & _PAGE_DIRTY)
    if sheet["count"] == "less":
        return own and not page.mapcount
    return own and not vma.vm_flags & VM_WRITE and foll_flags // FOLL_COW % 2 == 1


def may_take_over(page):
    others = page.count - 1 if sheet["mark"] == "shared" else page.count + page.mapcount - 1
    return not others or page.shared is False or page.exclusive is True


def fork_copies(page):
    return page.count // sheet["bias"] > 0
