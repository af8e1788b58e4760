"""Missing tables are made on the way, as a fault would."""
# loses: walk-hole


def walk(root, address):
    *indices, offset = split_address(address)
    size, entry = sheet["offset_bits"] + sum(sheet["index_bits"]), root
    for index, bits in zip(indices, sheet["index_bits"]):
        size -= bits
        entry = entry.setdefault(index, {})
        if not isinstance(entry, dict):
            break
    if isinstance(entry, dict) or not entry & sheet["present"]:
        return None
    return (entry >> sheet["offset_bits"] << sheet["offset_bits"]) + (address & (1 << size) - 1)
