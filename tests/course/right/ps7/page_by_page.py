"""Page by page, a list that is emptied from its end, notes in a dict, and a class for what the card is on."""


class Job:
    """One transfer."""

    def __init__(self, pages, into):
        self.pages, self.into = pages, into

    def end(self, moved):
        while self.pages:
            page = self.pages.pop()
            if self.into and (sheet["marks"] == "all" or len(self.pages) < moved):
                self.mark(page)
            gk.put_page(page)

    def mark(self, page):
        lock_page(page)
        try:
            if sheet["gone"] != "skip" or page.mapping:
                gk.set_page_dirty(page)
        finally:
            unlock_page(page)


def begin(card, p, address, nr_pages, way):
    if card.held:
        return -16
    into, pages = way == sheet["way"], []
    p.mm.mmap_sem.down_read()
    for i in range(nr_pages):
        came = get_user_pages(p, p.mm, address + i * gk.PAGE_SIZE, 1, into, 0, one := [], None)
        pages += one
        if came != 1:
            break
    p.mm.mmap_sem.up_read()
    card.job = Job(pages, into)
    if came != 1 and (not pages or sheet["short"] == "refuse"):
        error = -14 if pages else came
        card.job.into = False
        card.job.end(0)
        return error
    card.held = card.job.pages
    card.go(list(pages), way)
    return {"part": len(pages), "refuse": 0}[sheet["short"]]


def finish(card):
    if card.held:
        while card.drain() > 0:
            continue
        card.job.end(card.moved)


def close(card):
    if sheet["close"] == "stop":
        card.stop()
    finish(card)


def plan(*words):
    return [[int(word) if word.isdigit() else word for word in step.split("/")] for step in words]


def catch_read_pin(n):
    return plan(f"map/A/forked/{n}", f"begin/A/{n}/in", "card/1", "expect/child reads/A/0/119")


def catch_leak(n):
    return plan(f"map/A/untouched/{n}", f"begin/A/{n + 2}/in", "card/1", "close", "finish", "expect/references/0")


def catch_early_mark(n):
    return plan(f"map/A/file/{n}", f"begin/A/{n}/in", "card/1", "close", "writeback", "expect/disk/A/0/193")


def catch_double_put(n):
    return plan(f"map/A/file/{n}", f"begin/A/{n}/out", "close", f"begin/A/{n}/out", "finish", "finish", "expect/quiet")
