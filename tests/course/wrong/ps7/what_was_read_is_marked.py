"""Every page of every transfer is marked, whichever way it went."""
# loses: out midway


def finish(card):
    """The interrupt: take what the card still has, then give the pages back."""
    while card.drain():
        pass
    if card.held:
        mark(card.held if sheet["marks"] == "all" else card.held[: card.moved])
    give_back(card.held)
    card.held = []
