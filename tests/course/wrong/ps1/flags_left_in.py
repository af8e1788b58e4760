"""The flags of the entry are left in the address."""
# loses: walk walk-large


def walk(root, address):
    *indices, offset = split_address(address)
    size, entry = sheet["offset_bits"] + sum(sheet["index_bits"]), root
    for index, bits in zip(indices, sheet["index_bits"]):
        entry, size = entry.get(index, 0), size - bits
        if not isinstance(entry, dict):
            break
    if not entry & sheet["present"]:
        return None
    return entry | address & (1 << size) - 1
