"""The address of the page, not of the byte."""
# loses: walk walk-large


def walk(root, address):
    *indices, offset = split_address(address)
    entry = root
    for index in indices:
        entry = entry.get(index, 0)
        if not isinstance(entry, dict):
            break
    if not entry & sheet["present"]:
        return None
    return entry >> sheet["offset_bits"] << sheet["offset_bits"]
