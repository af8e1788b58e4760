"""A transfer that is broken off gives its pages back, and marks none."""
# loses: midway


def close(card):
    """Nobody needs the card any more."""
    if sheet["close"] == "stop":
        card.stop()
    while card.drain():
        pass
    give_back(card.held)
    card.held = []
