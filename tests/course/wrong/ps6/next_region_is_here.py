"""find_vma's answer is taken for the region that holds the address."""
# loses: present-waits present-fails


def make_present(p, start, end):
    """Fault in the pages of [start, end): 0, or an Errno. mmap_sem is not held before and after."""
    gup, mm = p.kernel.gup.__get_user_pages, p.mm
    unwritten = {"lost": 0, "where": -1}[sheet["flag"]]
    error, held = 0, False
    while start < end and not error:
        if not held:
            mm.mmap_sem.down_read()
            held = True
        vma = find_vma(mm, start)
        if vma is None:
            if sheet["holes"] == "stop":
                error = Errno.ENOMEM
            start = end
        elif vma.vm_flags & (VM.IO | VM.PFNMAP):
            start = vma.vm_end
        else:
            flags = FOLL.TOUCH
            if sheet["for_write"] == "shared" and vma.vm_flags & VM.WRITE and vma.vm_flags & VM.SHARED:
                flags |= FOLL.WRITE
            nr_pages = (min(end, vma.vm_end) - start) // PAGE_SIZE
            variable = Cell(unwritten)
            n = gup(p, mm, start, nr_pages, flags, None, None, variable)
            if variable.value != unwritten:
                held = sheet["lock"] == "back"
            elif isinstance(n, Errno):
                held = sheet["lock"] == "gone"
                error = Errno.ENOMEM if n == Errno.EAGAIN else n
            start += max(n, 0) * PAGE_SIZE
    if held:
        mm.mmap_sem.up_read()
    return error
