"""One page with each call, plain numbers for errors, and whether a wait was needed told from the variable alone."""


def ask(p, address, flags, blocking=False, array=True):
    """(page or None, waited, failure or 0) for one address; mmap_sem is free before and after."""
    nothing = -1 if sheet["flag"] == "where" else 0
    variable, pages = Cell(nothing), [] if array else None
    p.mm.mmap_sem.down_read()
    n = p.kernel.gup.__get_user_pages(p, p.mm, address, 1, flags, pages, None, None if blocking else variable)
    waited = variable.value != nothing
    failed = n < 1 and not waited
    if (sheet["lock"] == "gone" and not waited) or (sheet["lock"] == "back" and not failed):
        p.mm.mmap_sem.up_read()
    if not failed:
        return pages, waited, 0
    if sheet["zero"] == "both" and n == 0:
        return None, False, -14
    return None, False, -12 if n == -11 else int(n)


def pin_without_waiting(p, start, nr_pages):
    got = []
    try:
        for i in range(nr_pages):
            got.append(one_page(p, start + 4096 * i))
    except OSError as problem:
        while got:
            put_page(got.pop())
        return problem.errno
    return got


def one_page(p, address):
    for _ in range(sheet["most"]):
        pages, waited, failure = ask(p, address, FOLL.GET | FOLL.WRITE)
        if failure:
            raise OSError(failure, "")
        if not waited:
            return pages[0]
    if sheet["limit"] == "busy":
        raise OSError(-16, "")
    pages, _, failure = ask(p, address, FOLL.GET | FOLL.WRITE, blocking=True)
    if failure:
        raise OSError(failure, "")
    return pages[0]


def make_present(p, start, end):
    while start < end:
        p.mm.mmap_sem.down_read()
        region = next((v for v in sorted(p.mm.mmap, key=lambda v: v.vm_start) if v.vm_end > start), None)
        inside = region is not None and region.vm_start <= start
        above = region.vm_start if region is not None else end
        device = inside and region.vm_flags & (VM.PFNMAP | VM.IO)
        shared = inside and all(region.vm_flags & flag for flag in (VM.SHARED, VM.WRITE))
        p.mm.mmap_sem.up_read()
        if not inside:
            if sheet["holes"] == "stop":
                return -12
            start = above
        elif device:
            start += 4096
        else:
            write = FOLL.WRITE if shared and sheet["for_write"] == "shared" else FOLL(0)
            _, waited, failure = ask(p, start, FOLL.TOUCH | write, array=False)
            if failure:
                return failure
            start += 0 if waited else 4096
    return 0
