"""Every address is given tables of its own."""
# loses: bytes bytes-sizes


def table_bytes(addresses):
    one = [(1 << bits) * sheet["entry_bytes"] for bits in sheet["index_bits"]]
    return one[0] + len(addresses) * sum(one[1:])
