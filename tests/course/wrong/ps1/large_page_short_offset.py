"""A large page is found, but only the ordinary offset is added to it."""
# loses: walk-large


def walk(root, address):
    *indices, offset = split_address(address)
    entry = root
    for index in indices:
        entry = entry.get(index, 0)
        if not isinstance(entry, dict):
            break
    if not entry & sheet["present"]:
        return None
    return (entry >> sheet["offset_bits"] << sheet["offset_bits"]) + offset
