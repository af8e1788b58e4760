"""Rule 5 the other way round."""
# loses: midway


def close(card):
    """Nobody needs the card any more."""
    if sheet["close"] == "drain":
        card.stop()
    finish(card)
