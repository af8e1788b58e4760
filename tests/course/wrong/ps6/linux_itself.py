"""The loops of the lecture and of Linux, for Linux's conventions: the sheet was not read."""
# loses: pin pin-waits pin-again pin-fails pin-limit present present-waits present-fails


def pin_without_waiting(p, start, nr_pages):
    """The solution of lecture 06, for Linux's conventions."""
    gup, sem = p.kernel.gup.__get_user_pages, p.mm.mmap_sem
    result, locked = [], Cell(0)
    while len(result) < nr_pages:
        if not locked.value:
            locked.value = 1
            sem.down_read()
        pages = []
        n = gup(p, p.mm, start + len(result) * PAGE_SIZE, nr_pages - len(result), FOLL.WRITE | FOLL.GET, pages, None, locked)
        if n < 0:
            for page in result:
                put_page(page)
            result = n
            break
        result += pages
    if locked.value:
        sem.up_read()
    return result


def make_present(p, start, end):
    """Linux's own, as the kit has it."""
    gup, mm = p.kernel.gup.__get_user_pages, p.mm
    locked, error = Cell(0), 0
    while start < end and not error:
        if not locked.value:
            locked.value = 1
            mm.mmap_sem.down_read()
        vma = find_vma(mm, start)
        if vma is None or vma.vm_start >= end:
            break
        start = max(start, vma.vm_start)
        if vma.vm_flags & (VM.IO | VM.PFNMAP):
            start = vma.vm_end
            continue
        flags = FOLL.TOUCH
        if vma.vm_flags & (VM.WRITE | VM.SHARED) == VM.WRITE:
            flags |= FOLL.WRITE
        n = gup(p, mm, start, (min(end, vma.vm_end) - start) // PAGE_SIZE, flags, None, None, locked)
        if n < 0:
            error = n
        else:
            start += n * PAGE_SIZE
    if locked.value:
        mm.mmap_sem.up_read()
    return error
