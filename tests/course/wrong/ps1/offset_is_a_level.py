"""The lowest index begins at bit 0: the offset was counted as a level."""
# loses: split split-high walk walk-large bytes bytes-sizes


def split_address(address):
    parts, shift = [], 0
    for bits in reversed(sheet["index_bits"]):
        parts.insert(0, address >> shift & (1 << bits) - 1)
        shift += bits
    return [*parts, address & (1 << sheet["offset_bits"]) - 1]
