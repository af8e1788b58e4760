"""Tables instead of questions; all frames are fetched first and mapped then; a copy is mapped last of all."""

FILES = {
    "access": {(False, False): "do_read_fault", (False, True): "do_read_fault",
               (True, False): "do_cow_fault", (True, True): "do_shared_fault"},
    "sharing": {(False, False): "do_private_fault", (False, True): "do_shared_fault",
                (True, False): "do_private_fault", (True, True): "do_shared_fault"},
}
MARKS = {"young": (_PAGE_ACCESSED, (False, True)), "dirty": (_PAGE_DIRTY, (True,))}


def which_handler(vma, entry, write):
    if not vma.vm_flags & {False: VM_READ, True: VM_WRITE}[bool(write)]:
        return "SIGSEGV"
    if pte_present(entry):
        bit, kinds = MARKS[sheet["marks"]]
        if write and entry & _PAGE_RW == 0:
            return "do_wp_page"
        return "mark_" + sheet["marks"] if bool(write) in kinds and entry & bit == 0 else "no fault"
    if entry:
        return "do_swap_page"
    if not vma.vm_file:
        return "do_anonymous_page"
    return FILES[sheet["file"]][bool(write), bool(vma.vm_flags & VM_SHARED)]


def do_anonymous_page(mm, vma, address, flags):
    write, may = flags & FAULT_FLAG_WRITE != 0, vma.vm_flags & VM_WRITE != 0
    if not write and not (may and sheet["zero"] == "unwritable"):
        zero = mm.kernel.zero_page
        if sheet["zero"] == "unwritable":
            set_pte_at(mm, address, pte_mkspecial(mk_pte(zero.pfn, vma.vm_page_prot)))
            return 0
        set_pte_at(mm, address, mk_pte(zero.pfn, vma.vm_page_prot))
        page_add_file_rmap(zero)
        page_cache_get(zero)
        return 0
    where = [address]
    if write:
        mine = address // PAGE_SIZE // sheet["group"]
        region = range(vma.vm_start, vma.vm_end, PAGE_SIZE)
        where += [a for a in region if a // PAGE_SIZE // sheet["group"] == mine and a != address]
        where = [a for a in where if not pte_at(mm, a)]
    frames = []
    for _ in where:
        frames.append(fresh_page(vma))
        if frames[-1] is None:
            frames.pop()
            break
    if not frames:
        return VM_FAULT_OOM
    for a, frame in reversed(list(zip(where, frames, strict=False))):
        entry = mk_pte(frame.pfn, vma.vm_page_prot)
        if may:
            entry |= _PAGE_RW
        if may and write and a == address:
            entry |= _PAGE_DIRTY
        page_add_new_anon_rmap(frame, vma, a)
        set_pte_at(mm, a, entry)
    return 0


def do_wp_page(mm, vma, address, pte):
    page, may = vm_normal_page(vma, pte), bool(vma.vm_flags & VM_WRITE)
    bits = _PAGE_ACCESSED | _PAGE_RW * may
    if page is not None and page.anon and page.mapcount == 1:
        if {"bounded": page_count(page) <= sheet["most"], "inherited": not vma.inherited}[sheet["reuse"]]:
            set_pte_at(mm, address, pte | bits | _PAGE_DIRTY)
            return VM_FAULT_WRITE
    of_file = page is not None and not page.anon and page.pfn != mm.kernel.zero_page.pfn
    if of_file and may and vma.vm_flags & VM_SHARED:
        if sheet["dirties"] == "page":
            set_page_dirty(page)
        else:
            bits |= _PAGE_DIRTY
        set_pte_at(mm, address, pte | bits)
        return VM_FAULT_WRITE
    copy = fresh_page(vma, getattr(page, "content", ZEROS))
    if copy is None:
        return VM_FAULT_OOM
    if page is not None:
        page_remove_rmap(page)
        page_cache_release(page)
    page_add_new_anon_rmap(copy, vma, address)
    set_pte_at(mm, address, mk_pte(copy.pfn, vma.vm_page_prot) | bits | _PAGE_DIRTY)
    return VM_FAULT_WRITE


def count_faults(first, pages, writable, touches):
    there, may_write, dirty, faults = set(), set(), set(), 0
    for what, page in touches:
        if what == "fork":
            may_write.clear()
        elif what == "read":
            if page in there:
                continue
            faults += 1
            there.add(page)
            if writable and sheet["zero"] == "unwritable":
                may_write.add(page)
        else:
            if page not in there:
                low = (first + page) // sheet["group"] * sheet["group"] - first
                new = set(range(max(low, 0), min(low + sheet["group"], pages))) - there
                there |= new
                may_write |= new
                faults += 1
            elif page not in may_write or (sheet["marks"] == "dirty" and page not in dirty):
                faults += 1
            may_write.add(page)
            dirty.add(page)
    return faults
