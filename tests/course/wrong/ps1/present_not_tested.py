"""An entry that is there is taken for present."""
# loses: walk-hole walk-large


def walk(root, address):
    *indices, offset = split_address(address)
    size, entry = sheet["offset_bits"] + sum(sheet["index_bits"]), root
    for index, bits in zip(indices, sheet["index_bits"]):
        entry, size = entry.get(index), size - bits
        if not isinstance(entry, dict):
            break
    if entry is None:
        return None
    return (entry >> sheet["offset_bits"] << sheet["offset_bits"]) + (address & (1 << size) - 1)
