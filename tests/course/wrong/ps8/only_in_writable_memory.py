"""The rule is asked for read-only entries, so one thinks of memory that may be written."""
# loses: ends alone searched nothing-else


def after_copy(foll_flags):
    return foll_flags | FOLL_COW


def may_follow(vma, pte, page, foll_flags):
    return bool(vma.vm_flags & VM_WRITE and page and page.anon)
