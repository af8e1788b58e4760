"""Every table takes 4,096 bytes, as the kernel's do."""
# loses: bytes bytes-sizes


def table_bytes(addresses):
    tables = {()}
    for address in addresses:
        *indices, offset = split_address(address)
        tables |= {tuple(indices[:level]) for level in range(len(indices))}
    return len(tables) * 4096
