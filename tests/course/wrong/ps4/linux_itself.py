"""Linux's own rules, as the kit shows them: the sheet was not read."""
# loses: write special get touch dump together


from gupkit.kernel.page import mark_page_accessed


# The kernel's own rule, for ordinary pages (huge ones and FOLL_MLOCK left out).
def follow_page(vma, address, flags):
    pte = pte_at(vma.vm_mm, address)
    if not pte_present(pte):                        # a hole, or a page that is swapped out
        if not pte and flags & FOLL.DUMP and not vma.has_fault:
            return Errno.EFAULT                     # a dump wants no page that never was
        return None                                 # "fault it in"
    if flags & FOLL.WRITE and not pte & _PAGE_RW:
        return None                                 # the same: a fault will make it writable, or a copy
    page = vm_normal_page(vma, pte)
    if page is None:                                # a special entry
        zero = vma.vm_mm.kernel.zero_page
        if pte_pfn(pte) != zero.pfn or flags & FOLL.DUMP:
            return Errno.EFAULT                     # a device's memory: there is no struct page
        page = zero
    if flags & FOLL.GET:
        get_page(page)                              # now, while the lock is held
    if flags & FOLL.TOUCH:
        if flags & FOLL.WRITE and not pte & _PAGE_DIRTY and not page.flags & PG_dirty:
            set_page_dirty(page)
        mark_page_accessed(page)
    return page
