"""A hole is looked up with [] and raises KeyError."""
# loses: walk-hole


def walk(root, address):
    *indices, offset = split_address(address)
    size, entry = sheet["offset_bits"] + sum(sheet["index_bits"]), root
    for index, bits in zip(indices, sheet["index_bits"]):
        entry, size = entry[index], size - bits
        if not isinstance(entry, dict):
            break
    if not entry & sheet["present"]:
        return None
    return (entry >> sheet["offset_bits"] << sheet["offset_bits"]) + (address & (1 << size) - 1)
