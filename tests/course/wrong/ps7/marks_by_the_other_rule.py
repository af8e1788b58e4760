"""Rule 3 the other way round."""
# loses: dirty midway


def finish(card):
    """The interrupt: take what the card still has, then give the pages back."""
    while card.drain():
        pass
    if card.held and card.writes:
        mark(card.held if sheet["marks"] == "moved" else card.held[: card.moved])
    give_back(card.held)
    card.held = []
