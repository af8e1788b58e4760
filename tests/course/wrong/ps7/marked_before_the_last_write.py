"""The mark comes after the interrupt, but before the card has been drained."""
# loses: dirty gone
# loses where close is drain: midway


def finish(card):
    """The interrupt: take what the card still has, then give the pages back."""
    if card.held and card.writes:
        mark(card.held if sheet["marks"] == "all" else card.held[: card.moved])
    while card.drain():
        pass
    give_back(card.held)
    card.held = []
