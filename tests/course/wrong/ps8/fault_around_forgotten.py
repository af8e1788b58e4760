"""A page that nobody read himself is taken for untouched, whatever a read fault maps."""
# loses where around is all: moment-among


def strike(pages, target):
    passes = {"untouched": 3, "read": 2, "copied": 2}
    return sum(passes[past] for past in pages[: target + 1]), ["give up", "read"]
