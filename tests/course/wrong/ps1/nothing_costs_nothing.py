"""Without any address there is not even a top table."""
# loses: bytes


def table_bytes(addresses):
    tables = set()
    for address in addresses:
        *indices, offset = split_address(address)
        tables |= {tuple(indices[:level]) for level in range(len(indices))}
    return sum((1 << sheet["index_bits"][len(table)]) * sheet["entry_bytes"] for table in tables)
