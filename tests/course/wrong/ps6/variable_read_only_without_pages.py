"""The variable is looked at only if no page came."""
# loses: pin-limit
# loses where lock is gone: pin-waits pin-again pin-fails present-waits present-fails


def pin_without_waiting(p, start, nr_pages):
    """`nr_pages` pages from `start` on, each with a reference, as a list; or an Errno, and nothing is held."""
    gup, sem = p.kernel.gup.__get_user_pages, p.mm.mmap_sem
    unwritten = {"lost": 0, "where": -1}[sheet["flag"]]
    result, error, held = [], None, False
    waits = {}  # how often calls have waited for which page
    while len(result) < nr_pages and error is None:
        if not held:
            sem.down_read()
        variable, came = Cell(unwritten), []
        here = start + len(result) * PAGE_SIZE
        if waits.get(len(result)) == sheet["most"]:  # rule 4, "ask"
            n = gup(p, p.mm, here, 1, FOLL.WRITE | FOLL.GET, came, None, None)
        else:
            n = gup(p, p.mm, here, nr_pages - len(result), FOLL.WRITE | FOLL.GET, came, None, variable)
        result += came
        if not came and variable.value != unwritten:
            held = sheet["lock"] == "back"
            waits[len(result)] = waits.get(len(result), 0) + 1
            if waits[len(result)] == sheet["most"] and sheet["limit"] == "busy":
                error = Errno.EBUSY
        elif came:
            held = True
        else:
            held = sheet["lock"] == "gone"
            error = {0: Errno.EFAULT, Errno.EAGAIN: Errno.ENOMEM}.get(n, n)
    if held:
        sem.up_read()
    if error is not None:
        for page in result:
            put_page(page)
        return error
    return result


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
        if vma is None or start < vma.vm_start:
            if sheet["holes"] == "stop":
                error = Errno.ENOMEM
            start = vma.vm_start if vma else end
        elif vma.vm_flags & (VM.IO | VM.PFNMAP):
            start = vma.vm_end
        else:
            flags = FOLL.TOUCH
            if sheet["for_write"] == "shared" and vma.vm_flags & VM.WRITE and vma.vm_flags & VM.SHARED:
                flags |= FOLL.WRITE
            nr_pages = (min(end, vma.vm_end) - start) // PAGE_SIZE
            variable = Cell(unwritten)
            n = gup(p, mm, start, nr_pages, flags, None, None, variable)
            if not n > 0 and variable.value != unwritten:
                held = sheet["lock"] == "back"
            elif isinstance(n, Errno):
                held = sheet["lock"] == "gone"
                error = Errno.ENOMEM if n == Errno.EAGAIN else n
            start += max(n, 0) * PAGE_SIZE
    if held:
        mm.mmap_sem.up_read()
    return error
