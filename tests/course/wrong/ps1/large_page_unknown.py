"""Only entries of the last level are taken for entries."""
# loses: walk-large


def walk(root, address):
    *indices, offset = split_address(address)
    table = root
    for index in indices[:-1]:
        table = table.get(index)
        if not isinstance(table, dict):
            return None
    entry = table.get(indices[-1], 0)
    if not entry & sheet["present"]:
        return None
    return (entry >> sheet["offset_bits"] << sheet["offset_bits"]) + offset
