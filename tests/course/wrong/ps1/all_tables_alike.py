"""Every table is as large as one of the last level."""
# loses: bytes bytes-sizes


def table_bytes(addresses):
    tables = {()}
    for address in addresses:
        *indices, offset = split_address(address)
        tables |= {tuple(indices[:level]) for level in range(len(indices))}
    return len(tables) * (1 << sheet["index_bits"][-1]) * sheet["entry_bytes"]
