"""A class that knows whether it holds the lock, and a generator that goes through the regions."""

CLEAR = {"lost": 0, "where": -1}


class Failed(Exception):
    """The call said no, in the words of rule 3."""


def the_call(p):
    return p.kernel.gup.__get_user_pages


class Asker:
    def __init__(self, p):
        self.p, self.mine = p, False
        self.variable = Cell(0)

    def lock(self):
        if not self.mine:
            self.p.mm.mmap_sem.down_read()
            self.mine = True

    def ask(self, start, nr_pages, flags, pages, pointer):
        """How many pages came, and whether the next one made the call wait."""
        self.lock()
        self.variable.value = CLEAR[sheet["flag"]]
        n = the_call(self.p)(self.p, self.p.mm, start, nr_pages, flags, pages, None, self.variable if pointer else None)
        if self.variable.value != CLEAR[sheet["flag"]]:
            self.mine = sheet["lock"] == "back"
            return max(int(n), 0), True
        if n > 0:
            return n, False
        self.mine = sheet["lock"] != "back"
        raise Failed({0: Errno.EFAULT, -11: Errno.ENOMEM}.get(int(n), n))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.mine:
            self.p.mm.mmap_sem.up_read()


def pin_without_waiting(p, start, nr_pages):
    pages, patience = [None] * 0, sheet["most"]
    with Asker(p) as asker:
        try:
            while (left := nr_pages - len(pages)) > 0:
                pointer = patience > 0
                more = []
                came, waited = asker.ask(
                    start + len(pages) * PAGE_SIZE, left if pointer else 1, FOLL.WRITE | FOLL.GET, more, pointer
                )
                pages += more
                if came or not pointer:
                    patience = sheet["most"]
                patience -= waited
                if not patience and sheet["limit"] == "busy":
                    raise Failed(Errno.EBUSY)
            return pages
        except Failed as failed:
            for page in pages:
                put_page(page)
            return failed.args[0]


def make_present(p, start, end):
    with Asker(p) as asker:
        try:
            while start < end:
                asker.lock()
                start = step(asker, p.mm, start, end)
        except Failed as failed:
            return failed.args[0]
    return 0


def step(asker, mm, start, end):
    """The address to go on with."""
    vma = find_vma(mm, start)
    if vma is None:
        vma_start = end
    else:
        vma_start = vma.vm_start
    if vma_start > start:
        if sheet["holes"] == "stop":
            raise Failed(Errno.ENOMEM)
        return vma_start
    if vma.vm_flags & VM.IO or vma.vm_flags & VM.PFNMAP:
        return vma.vm_end
    flags = FOLL.TOUCH
    if sheet["for_write"] == "shared" and VM.WRITE & vma.vm_flags and VM.SHARED & vma.vm_flags:
        flags = flags | FOLL.WRITE
    return start + asker.ask(start, (min(vma.vm_end, end) - start) // PAGE_SIZE, flags, None, True)[0] * PAGE_SIZE
