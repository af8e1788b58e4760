"""What the card still has is left in it."""
# loses: into out dirty
# loses where marks is moved: gone
# loses where close is drain: midway


def finish(card):
    """The interrupt: take what the card still has, then give the pages back."""
    if card.held and card.writes:
        mark(card.held if sheet["marks"] == "all" else card.held[: card.moved])
    give_back(card.held)
    card.held = []
