"""Every index is cut to nine bits, as the kernel's are."""
# loses: split split-high walk walk-large bytes-sizes


def split_address(address):
    parts, shift = [address & (1 << sheet["offset_bits"]) - 1], sheet["offset_bits"]
    for bits in reversed(sheet["index_bits"]):
        parts.insert(0, address >> shift & 0x1FF)
        shift += bits
    return parts
