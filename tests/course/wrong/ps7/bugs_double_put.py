"""Three bugs are mended. One is left: finish leaves the list as it is, and its pages are given back again."""
# loses: close


def finish(card):
    """The interrupt: take what the card still has, then give the pages back."""
    while card.drain():
        pass
    if card.held and card.writes:
        mark(card.held if sheet["marks"] == "all" else card.held[: card.moved])
    give_back(card.held)


def close(card):
    """Nobody needs the card any more."""
    if sheet["close"] == "stop":
        card.stop()
    finish(card)
    card.held = []
