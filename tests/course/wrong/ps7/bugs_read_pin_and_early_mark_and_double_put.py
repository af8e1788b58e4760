"""One bug is mended. Three are left: the pages are pinned without FOLL_WRITE; pages are marked before the card writes; finish leaves the list as it is, and its pages are given back again."""
# loses: into dirty gone midway close


def begin(card, p, address, nr_pages, way):
    """Pin the pages and let the card go: what rule 2 says, or an Errno."""
    if card.held:
        return Errno.EBUSY
    pages = []
    write = 1 if way == sheet["way"] else 0
    with p.mm.mmap_sem.read():
        came = get_user_pages(p, p.mm, address, nr_pages, 0, 0, pages, None)
    if came < 0:
        return came
    if came < nr_pages and sheet["short"] == "refuse":
        give_back(pages)
        return Errno.EFAULT
    if write:
        mark(pages)
    card.held, card.writes = pages, write
    card.go(pages, way)
    return came if sheet["short"] == "part" else 0


def finish(card):
    """The interrupt: take what the card still has, then give the pages back."""
    while card.drain():
        pass
    give_back(card.held)


def close(card):
    """Nobody needs the card any more."""
    if sheet["close"] == "stop":
        card.stop()
    finish(card)
    card.held = []
