"""The old driver, as it came."""
# loses: short into out dirty gone midway close


def begin(card, p, address, nr_pages, way):
    """Pin the pages, and let the card go."""
    if card.held:
        return Errno.EBUSY
    pages = []
    with p.mm.mmap_sem.read():
        came = get_user_pages(p, p.mm, address, nr_pages, 0, 0, pages, None)
    if came < nr_pages:
        return came if came < 0 else Errno.EFAULT
    for page in pages:
        set_page_dirty_lock(page)
    card.held = pages
    card.go(pages, way)
    return 0


def finish(card):
    """The interrupt: take what the card still has, then give the pages back."""
    while card.drain():
        pass
    for page in card.held:
        put_page(page)


def close(card):
    """Nobody needs the card any more."""
    card.stop()
    for page in card.held:
        put_page(page)
    card.held = []
