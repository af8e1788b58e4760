"""An entry that is not present is taken for an empty one."""
# loses: who-empty who-refused


def which_handler(vma, entry, write):
    needed = VM_WRITE if write else VM_READ
    if not vma.vm_flags & needed:
        return "SIGSEGV"
    if not pte_present(entry):
        if vma.vm_file is None:
            return "do_anonymous_page"
        shared = bool(vma.vm_flags & VM_SHARED)
        if sheet["file"] == "sharing":
            return "do_shared_fault" if shared else "do_private_fault"
        if not write:
            return "do_read_fault"
        return "do_shared_fault" if shared else "do_cow_fault"
    if write and not entry & _PAGE_RW:
        return "do_wp_page"
    if sheet["marks"] == "young" and not entry & _PAGE_ACCESSED:
        return "mark_young"
    if sheet["marks"] == "dirty" and write and not entry & _PAGE_DIRTY:
        return "mark_dirty"
    return "no fault"
