"""The top index keeps all the bits above it: wrong as soon as an address lies in the upper half."""
# loses: split-high


def split_address(address):
    parts, shift = [address & (1 << sheet["offset_bits"]) - 1], sheet["offset_bits"]
    for bits in reversed(sheet["index_bits"][1:]):
        parts.insert(0, address >> shift & (1 << bits) - 1)
        shift += bits
    return [address >> shift, *parts]
