"""Everything by cutting strings of bits, with numbers where others have lists, and recursion for a loop."""


def split_address(address):
    bits = f"{address:064b}"
    widths = [*sheet["index_bits"], sheet["offset_bits"]]
    bits = bits[-sum(widths):]
    return tuple(int(bits[sum(widths[:i]):sum(widths[:i + 1])], 2) for i in range(len(widths)))


def walk(root, address, level=0):
    parts = split_address(address)
    if not isinstance(root, dict):
        if root & sheet["present"] == 0:
            return None
        rest = sum(sheet["index_bits"][level:]) + sheet["offset_bits"]
        page = root // 2 ** sheet["offset_bits"] * 2 ** sheet["offset_bits"]
        return page + address % 2**rest
    try:
        return walk(root[parts[level]], address, level + 1)
    except KeyError:
        return None


def table_bytes(addresses):
    def below(group, level):
        here = 2 ** sheet["index_bits"][level] * sheet["entry_bytes"]
        if level + 1 == len(sheet["index_bits"]):
            return here
        children = {}
        for address in group:
            children.setdefault(split_address(address)[level], []).append(address)
        return here + sum(below(child, level + 1) for child in children.values())

    return below(list(addresses), 0)
