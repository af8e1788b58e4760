"""A reader gets the zero page wherever it reads, as in Linux."""
# loses where zero is unwritable: fill-read


def do_anonymous_page(mm, vma, address, flags):
    write = bool(flags & FAULT_FLAG_WRITE)
    writable = bool(vma.vm_flags & VM_WRITE)
    if not write:
        zero = mm.kernel.zero_page
        entry = mk_pte(zero.pfn, vma.vm_page_prot)
        if sheet["zero"] == "counted":
            page_cache_get(zero)
            page_add_file_rmap(zero)
        else:
            entry = pte_mkspecial(entry)
        set_pte_at(mm, address, entry)
        return 0
    wanted = [address]
    if write:
        first = address // PAGE_SIZE // sheet["group"] * sheet["group"]
        for number in range(first, first + sheet["group"]):
            other = number * PAGE_SIZE
            if vma.vm_start <= other < vma.vm_end and other != address and pte_at(mm, other) == 0:
                wanted.append(other)
    for at in wanted:
        page = fresh_page(vma)
        if page is None:
            return VM_FAULT_OOM if at == address else 0
        entry = mk_pte(page.pfn, vma.vm_page_prot)
        if writable:
            entry = pte_mkwrite(entry)
            if write and at == address:
                entry = pte_mkdirty(entry)
        page_add_new_anon_rmap(page, vma, at)
        set_pte_at(mm, at, entry)
    return 0
