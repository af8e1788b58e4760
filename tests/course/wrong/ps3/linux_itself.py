"""Linux's own rules, as sheet.solution shows them: the sheet was not read."""
# loses: who-empty who-present who-refused fill-read fill-group wp-take wp-file count count-fork

# The kernel's own rule, in four questions.
def which_handler(vma, entry, write):
    if not vma.vm_flags & (VM_WRITE if write else VM_READ):
        return "SIGSEGV"                             # asked before anybody looks at the entry
    if not pte_present(entry):
        if entry:
            return "do_swap_page"                    # not empty: it says where the page went
        return "do_linear_fault" if vma.has_fault else "do_anonymous_page"
    if write and not entry & _PAGE_RW:
        return "do_wp_page"
    return "no fault"                                # the processor marks young and dirty by itself

# The kernel's own rule (stacks and races left out).
def do_anonymous_page(mm, vma, address, flags):
    if not flags & FAULT_FLAG_WRITE:                 # a reader: the page of zeros, for everybody
        zero = mk_pte(mm.kernel.zero_page.pfn, vma.vm_page_prot)
        set_pte_at(mm, address, pte_mkspecial(zero))
        return 0
    page = fresh_page(vma)
    if page is None:
        return VM_FAULT_OOM                          # and nothing has changed
    entry = mk_pte(page.pfn, vma.vm_page_prot)
    if vma.vm_flags & VM_WRITE:                      # a forced write leaves the entry read-only
        entry = pte_mkwrite(pte_mkdirty(entry))
    page_add_new_anon_rmap(page, vma, address)
    set_pte_at(mm, address, entry)                   # the reference that came with the frame is the entry's now
    return 0

# The kernel's own rule (2.6.39; swap and races left out).
def do_wp_page(mm, vma, address, pte):
    old = vm_normal_page(vma, pte)                   # None: the zero page
    shared = vma.vm_flags & VM_SHARED and vma.vm_flags & VM_WRITE
    if old is not None and (old.anon and old.mapcount == 1 or not old.anon and shared):
        entry = pte_mkdirty(pte_mkyoung(pte))        # nobody else's, or everybody's: no copy
        set_pte_at(mm, address, pte_mkwrite(entry) if vma.vm_flags & VM_WRITE else entry)
        if not old.anon:
            set_page_dirty(old)
        return VM_FAULT_WRITE
    new = fresh_page(vma, ZEROS if old is None else old.content)
    if new is None:
        return VM_FAULT_OOM                          # the old entry must still be there
    entry = pte_mkdirty(mk_pte(new.pfn, vma.vm_page_prot))
    page_add_new_anon_rmap(new, vma, address)
    set_pte_at(mm, address, pte_mkwrite(entry) if vma.vm_flags & VM_WRITE else entry)
    if old is not None:
        page_remove_rmap(old)                        # last: what the entry held is given back
        page_cache_release(old)
    return VM_FAULT_WRITE

# The kernel's own rule: a page is empty, read-only, or writable; the processor does the rest.
def count_faults(first, pages, writable, touches):
    state, faults = {}, 0
    for what, page in touches:
        if what == "fork":
            state = dict.fromkeys(state, "read-only")            # whatever is there loses its right to write
        elif what == "write" and state.get(page) != "writable":
            state[page], faults = "writable", faults + 1         # empty or read-only: one fault, and one page
        elif page not in state:
            state[page], faults = "read-only", faults + 1        # the zero page
    return faults
