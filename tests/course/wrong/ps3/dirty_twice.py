"""Both the page and its entry are marked dirty."""
# loses: wp-file


def do_wp_page(mm, vma, address, pte):
    old = vm_normal_page(vma, pte)
    writable = bool(vma.vm_flags & VM_WRITE)
    is_zero = old is None or old is mm.kernel.zero_page
    if not is_zero and old.anon and old.mapcount == 1:
        few = page_count(old) <= sheet["most"]
        if few if sheet["reuse"] == "bounded" else not vma.inherited:
            entry = pte_mkdirty(pte_mkyoung(pte))
            set_pte_at(mm, address, pte_mkwrite(entry) if writable else entry)
            return VM_FAULT_WRITE
    if not is_zero and not old.anon and writable and vma.vm_flags & VM_SHARED:
        entry = pte_mkwrite(pte_mkyoung(pte))
        if sheet["dirties"] == "entry":
            set_page_dirty(old)
        else:
            set_page_dirty(old)
        entry = pte_mkdirty(entry)
        set_pte_at(mm, address, entry)
        return VM_FAULT_WRITE
    new = fresh_page(vma) if old is None else fresh_page(vma, old.content)
    if new is None:
        return VM_FAULT_OOM
    entry = pte_mkdirty(mk_pte(new.pfn, vma.vm_page_prot))
    page_add_new_anon_rmap(new, vma, address)
    set_pte_at(mm, address, pte_mkwrite(entry) if writable else entry)
    if old is not None:
        page_remove_rmap(old)
        page_cache_release(old)
    return VM_FAULT_WRITE
