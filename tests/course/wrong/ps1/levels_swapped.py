"""The indices come from the bottom up."""
# loses: split split-high walk walk-large bytes bytes-sizes


def split_address(address):
    parts, shift = [], sheet["offset_bits"]
    for bits in reversed(sheet["index_bits"]):
        parts.append(address >> shift & (1 << bits) - 1)
        shift += bits
    return [*parts, address & (1 << sheet["offset_bits"]) - 1]
