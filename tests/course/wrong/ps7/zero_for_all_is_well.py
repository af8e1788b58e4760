"""0 if all is well, as functions of the kernel do: the end of rule 2 was not read."""
# loses where short is part: short


def begin(card, p, address, nr_pages, way):
    """Pin the pages and let the card go: what rule 2 says, or an Errno."""
    if card.held:
        return Errno.EBUSY
    pages = []
    write = 1 if way == sheet["way"] else 0
    with p.mm.mmap_sem.read():
        came = get_user_pages(p, p.mm, address, nr_pages, write, 0, pages, None)
    if came < 0:
        return came
    if came < nr_pages and sheet["short"] == "refuse":
        give_back(pages)
        return Errno.EFAULT
    card.held, card.writes = pages, write
    card.go(pages, way)
    return 0
