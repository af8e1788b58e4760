"""Pages are given back, and then marked."""
# loses: dirty


def finish(card):
    """The interrupt: take what the card still has, then give the pages back."""
    while card.drain():
        pass
    give_back(card.held)
    if card.held and card.writes:
        mark(card.held if sheet["marks"] == "all" else card.held[: card.moved])
    card.held = []
