"""Faults are counted on a machine, with one's own handlers; a page that has lost the right to write is no less dirty."""


def which_handler(vma, entry, write):
    return missing(vma, write) if entry == 0 else wanting(vma, entry, write)


def missing(vma, write):
    if write and not vma.vm_flags & VM_WRITE or not write and not vma.vm_flags & VM_READ:
        return "SIGSEGV"
    if vma.vm_file is None:
        return "do_anonymous_page"
    shared = vma.vm_flags & VM_SHARED == VM_SHARED
    if sheet["file"] == "sharing":
        kind = "shared" if shared else "private"
    elif write:
        kind = "shared" if shared else "cow"
    else:
        kind = "read"
    return f"do_{kind}_fault"


def wanting(vma, entry, write):
    if vma.vm_flags & (VM_WRITE if write else VM_READ) == 0:
        return "SIGSEGV"
    if not pte_present(entry):
        return "do_swap_page"
    if write and entry & _PAGE_RW != _PAGE_RW:
        return "do_wp_page"
    young, dirty = entry & _PAGE_ACCESSED, entry & _PAGE_DIRTY
    if sheet["marks"] == "young":
        return "no fault" if young else "mark_young"
    return "no fault" if dirty or not write else "mark_dirty"


def put_in(mm, vma, at, page, dirty):
    entry = mk_pte(page.pfn, vma.vm_page_prot)
    if vma.vm_flags & VM_WRITE:
        entry = pte_mkwrite(pte_mkdirty(entry) if dirty else entry)
    page_add_new_anon_rmap(page, vma, at)
    set_pte_at(mm, at, entry)


def do_anonymous_page(mm, vma, address, flags):
    if not flags & FAULT_FLAG_WRITE:
        return do_read(mm, vma, address)
    page = fresh_page(vma)
    if page is None:
        return VM_FAULT_OOM
    put_in(mm, vma, address, page, dirty=True)
    start = address - address // PAGE_SIZE % sheet["group"] * PAGE_SIZE
    for at in range(start, start + sheet["group"] * PAGE_SIZE, PAGE_SIZE):
        if at < vma.vm_start or at >= vma.vm_end or pte_at(mm, at) != 0:
            continue
        page = fresh_page(vma)
        if page is None:
            break
        put_in(mm, vma, at, page, dirty=False)
    return 0


def do_read(mm, vma, address):
    if sheet["zero"] == "unwritable" and vma.vm_flags & VM_WRITE:
        page = fresh_page(vma)
        if page is None:
            return VM_FAULT_OOM
        put_in(mm, vma, address, page, dirty=False)
        return 0
    zero = mm.kernel.zero_page
    entry = mk_pte(zero.pfn, vma.vm_page_prot)
    if sheet["zero"] == "unwritable":
        entry = pte_mkspecial(entry)
    else:
        page_cache_get(zero)
        page_add_file_rmap(zero)
    set_pte_at(mm, address, entry)
    return 0


def do_wp_page(mm, vma, address, pte):
    old = vm_normal_page(vma, pte)
    entry = pte_mkyoung(pte)
    if vma.vm_flags & VM_WRITE:
        entry = pte_mkwrite(entry)
    if old is None or old is mm.kernel.zero_page:
        return copied(mm, vma, address, old, ZEROS)
    if old.anon:
        few = page_count(old) <= sheet["most"] if sheet["reuse"] == "bounded" else not vma.inherited
        if old.mapcount > 1 or not few:
            return copied(mm, vma, address, old, old.content)
        set_pte_at(mm, address, pte_mkdirty(entry))
        return VM_FAULT_WRITE
    if not vma.vm_flags & VM_SHARED or not vma.vm_flags & VM_WRITE:
        return copied(mm, vma, address, old, old.content)
    if sheet["dirties"] == "entry":
        set_pte_at(mm, address, pte_mkdirty(entry))
    else:
        set_pte_at(mm, address, entry)
        set_page_dirty(old)
    return VM_FAULT_WRITE


def copied(mm, vma, address, old, content):
    new = fresh_page(vma, content)
    if new is None:
        return VM_FAULT_OOM
    put_in(mm, vma, address, new, dirty=True)
    if not vma.vm_flags & VM_WRITE:
        set_pte_at(mm, address, pte_mkdirty(pte_at(mm, address)))
    if old is not None:
        page_remove_rmap(old)
        page_cache_release(old)
    return VM_FAULT_WRITE


def count_faults(first, pages, writable, touches):
    kernel = gk.Kernel()
    task = kernel.spawn("counted")
    start = 0x7E0000000000 // PAGE_SIZE // sheet["group"] * sheet["group"] + sheet["group"] + first % sheet["group"]
    start = kernel.mmap(task, start * PAGE_SIZE, pages=pages, prot="rw" if writable else "r")
    vma = next(vma for vma in task.mm.mmap if vma.vm_start == start)
    faults = 0
    for what, page in touches:
        if what == "fork":
            protect(task.mm, start, pages)
            continue
        at, write = start + page * PAGE_SIZE, what == "write"
        for _ in range(4):
            entry = pte_at(task.mm, at)
            handler = which_handler(vma, entry, write)
            if handler == "no fault":
                break
            faults += 1
            if handler == "do_anonymous_page":
                do_anonymous_page(task.mm, vma, at, FAULT_FLAG_WRITE if write else 0)
            elif handler == "do_wp_page":
                do_wp_page(task.mm, vma, at, entry)
            else:
                set_pte_at(task.mm, at, pte_mkdirty(pte_mkyoung(entry)))
    return faults


def protect(mm, start, pages):
    for n in range(pages):
        entry = pte_at(mm, start + n * PAGE_SIZE)
        if entry:
            set_pte_at(mm, start + n * PAGE_SIZE, entry & ~_PAGE_RW)
