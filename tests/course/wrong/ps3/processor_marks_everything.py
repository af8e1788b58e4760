"""Rule 2 was not read: what the entry allows is no fault."""
# loses: who-present


def which_handler(vma, entry, write):
    needed = VM_WRITE if write else VM_READ
    if not vma.vm_flags & needed:
        return "SIGSEGV"
    if not pte_present(entry):
        if entry != 0:
            return "do_swap_page"
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
    return "no fault"
