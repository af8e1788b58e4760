"""FOLL_TOUCH leaves a dirty mark for readers, too."""
# loses: get touch together


def follow_page(vma, address, flags):
    kernel = vma.vm_mm.kernel
    pte = pte_at(vma.vm_mm, address)
    if not pte_present(pte):
        if flags & FOLL.DUMP and pte == 0 and not vma.has_fault:
            return Errno.EFAULT
        if flags & FOLL.DUMP and pte and sheet["dump"] == "swap":
            return Errno.EFAULT
        return None
    page = vm_normal_page(vma, pte)
    if flags & FOLL.WRITE:
        writable = bool(pte & _PAGE_RW)
        if sheet["write"] == "dirty":
            writable = writable and bool(pte & _PAGE_DIRTY)
        elif page is not None and page.anon and page.mapcount == 1:
            writable = True
        if not writable:
            return None
    if page is None:
        if pte_pfn(pte) != kernel.zero_page.pfn or flags & FOLL.DUMP:
            return Errno.EFAULT
        if flags & FOLL.GET and sheet["zero"] == "refused":
            return Errno.EFAULT
        page = kernel.zero_page
    elif flags & FOLL.DUMP and sheet["dump"] == "clean":
        if not page.anon and not page.flags & PG_dirty and not pte & _PAGE_DIRTY:
            return Errno.EFAULT
    if flags & FOLL.GET and page is not kernel.zero_page:
        if page_count(page) >= sheet["most"]:
            return Errno.ENOMEM
        get_page(page)
    if flags & FOLL.TOUCH and sheet["touch"] == "entry":
        pte = pte_mkyoung(pte_mkdirty(pte))
        set_pte_at(vma.vm_mm, address, pte)
    elif flags & FOLL.TOUCH:
        page.flags |= PG_referenced | PG_active
        set_page_dirty(page)
    return page
