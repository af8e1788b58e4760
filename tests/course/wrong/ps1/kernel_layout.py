"""The kernel's own division of an address, learned by heart."""
# loses: split split-high walk walk-large bytes bytes-sizes


def split_address(address):
    return [address >> shift & 0x1FF for shift in (39, 30, 21, 12)] + [address & 0xFFF]
