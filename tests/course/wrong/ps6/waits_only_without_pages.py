"""A wait is counted for its page only if the call brought none before it."""
# loses: pin-limit


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
        if variable.value != unwritten:
            held = sheet["lock"] == "back"
            waits[len(result)] = waits.get(len(result), 0) + (not came)
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
