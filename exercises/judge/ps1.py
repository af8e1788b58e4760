"""The judge of ps1: the reference for every layout, and the cases."""

from random import Random

from gupkit.course.model import Case

SPLIT = "The indices from the top level down, then the offset, each cut to its own number of bits."
HIGH = "Addresses of the upper half have ones above the bits that count; no index may see them."
MAPPED = "A mapped address leads to its frame, with its own offset."
HOLE = "What is missing at any level, or is not present, is None; walking makes no tables."
LARGE = "An entry above the last level can map a large page; then the unused indices are offset."
BYTES = "Addresses that agree in all upper indices share a table; the top table is always there."
SIZES = "A table is as large as its own level's index and the sheet's entries make it."


def shifts(rule):
    """The shift of each level's index, from the top down."""
    bits = rule["index_bits"]
    return [rule["offset_bits"] + sum(bits[i + 1 :]) for i in range(len(bits))]


def answers(rule):
    """The reference."""
    levels = list(zip(shifts(rule), rule["index_bits"], strict=True))

    def split_address(address):
        return [address >> s & (1 << b) - 1 for s, b in levels] + [address & (1 << rule["offset_bits"]) - 1]

    def walk(root, address):
        entry = root
        for shift, bits in levels:
            entry = entry.get(address >> shift & (1 << bits) - 1, 0)
            if not isinstance(entry, dict):
                break
        if not entry & rule["present"]:
            return None
        return entry >> rule["offset_bits"] << rule["offset_bits"] | address & (1 << shift) - 1

    def table_bytes(addresses):
        parts = [split_address(a) for a in addresses]
        counts = [len({tuple(p[:depth]) for p in parts}) for depth in range(len(levels))]
        counts[0] = 1
        return sum(n * rule["entry_bytes"] << bits for n, (_, bits) in zip(counts, levels, strict=True))

    return {"split_address": split_address, "walk": walk, "table_bytes": table_bytes}


class Tables:
    """Page tables made at random, and addresses that lead to each kind of place in them."""

    def __init__(self, rule, chance):
        self.rule, self.chance = rule, chance
        self.shifts = shifts(rule)
        self.root = {}

    def address(self, indices, high=False):
        """The address with these indices and some offset; bits above those that count are ones if ``high``."""
        bits = self.rule["index_bits"]
        indices = [*indices, *(self.chance.randrange(1 << b) for b in bits[len(indices) :])]
        value = sum(i << s for i, s in zip(indices, self.shifts, strict=True))
        value |= self.chance.randrange(1, 1 << self.rule["offset_bits"])
        return value | (-1 << sum(bits) + self.rule["offset_bits"]) & (1 << 64) - 1 if high else value

    def indices(self, depth):
        """New indices of the first ``depth`` levels, where nothing is mapped yet."""
        while True:
            found = [self.chance.randrange(1 << b) for b in self.rule["index_bits"][:depth]]
            if self.free(found):
                return found

    def free(self, indices):
        """Nothing is at these indices."""
        table = self.root
        for i in indices:
            if not isinstance(table, dict):
                return False
            if i not in table:
                return True
            table = table[i]
        return False

    def put(self, indices, flags):
        """An entry at these indices: an address that leads there."""
        table = self.root
        for i in indices[:-1]:
            table = table.setdefault(i, {})
        size = self.shifts[len(indices) - 1]
        table[indices[-1]] = self.chance.randrange(1, 1 << 20) << size | flags
        return self.address(indices)

    def page(self, present=True):
        """An ordinary page."""
        noise = self.chance.choice((0, 0x20, 0x10))
        return self.put(self.indices(len(self.shifts)), noise | (self.rule["present"] if present else 0))

    def neighbour(self, address):
        """Another page in the last table of ``address``."""
        place = [address >> s & (1 << b) - 1 for s, b in zip(self.shifts, self.rule["index_bits"], strict=True)]
        free = [i for i in range(1 << self.rule["index_bits"][-1]) if self.free([*place[:-1], i])]
        return self.put([*place[:-1], self.chance.choice(free)], self.rule["present"])

    def large(self, present=True):
        """A large page at some level above the last."""
        depth = self.chance.randrange(1, len(self.shifts))
        return self.put(self.indices(depth), self.rule["leaf"] | (self.rule["present"] if present else 0))

    def holes(self):
        """One address for each level at which something can be missing."""
        below = [self.address(self.indices(1))]
        table, path = self.root, []
        while True:
            inner = [i for i, t in table.items() if isinstance(t, dict)]
            if not inner:
                return below
            path.append(self.chance.choice(inner))
            table = table[path[-1]]
            width = self.rule["index_bits"][len(path)]
            below.append(self.address([*path, self.chance.choice([i for i in range(1 << width) if i not in table])]))

    def case(self, idea, addresses):
        """A trial of walk."""
        self.chance.shuffle(addresses)
        return Case(idea, {"root": self.root, "addresses": addresses})


def split_case(rule, chance, high, count=3):
    """A trial of split_address."""
    tables = Tables(rule, chance)
    return Case(HIGH if high else SPLIT, {"addresses": [tables.address([], high) for _ in range(count)]})


def mapped_case(rule, chance):
    """Pages far apart and side by side."""
    tables = Tables(rule, chance)
    first = [tables.page() for _ in range(3)]
    return tables.case(MAPPED, [*first, tables.neighbour(first[0]), tables.neighbour(first[1])])


def hole_case(rule, chance):
    """Holes at every level, and entries that are not present."""
    tables = Tables(rule, chance)
    tables.page()
    absent = [tables.page(present=False)]
    return tables.case(HOLE, [*tables.holes(), *absent])


def large_case(rule, chance):
    """Large pages, present and not, beside an ordinary one."""
    tables = Tables(rule, chance)
    return tables.case(LARGE, [tables.page(), tables.large(), tables.large(), tables.large(present=False)])


def touched(rule, chance, count, spread):
    """Addresses that share the first ``spread`` indices."""
    tables = Tables(rule, chance)
    shared = tables.indices(spread % len(tables.shifts))
    return [tables.address(shared) for _ in range(count)]


def bytes_case(rule, chance):
    """The same page twice; a few that share tables; two on either side of a table's end; none at all."""
    tables = Tables(rule, chance)
    twice = tables.address([])
    above = rule["offset_bits"] + rule["index_bits"][-1]
    neighbours = [[twice, twice ^ 1 << above], [twice, twice ^ 1 << above - 1]]
    return Case(BYTES, {"sets": [[twice, twice], touched(rule, chance, 3, -1), [], *neighbours]})


def sizes_case(rule, chance):
    """Addresses far apart, so that each level has a number of tables of its own; pairs that differ in one high bit."""
    tables = Tables(rule, chance)
    far = [tables.address([]) for _ in range(chance.randrange(4, 9))]
    wide = [far[0] ^ 1 << s + b - 1 for s, b in zip(tables.shifts, rule["index_bits"], strict=True)]
    return Case(SIZES, {"sets": [far, far + touched(rule, chance, 3, 1), [far[0], *wide]]})


MAKERS = {
    "split": lambda rule, chance: split_case(rule, chance, high=False),
    "split-high": lambda rule, chance: split_case(rule, chance, high=True),
    "walk": mapped_case,
    "walk-hole": hole_case,
    "walk-large": large_case,
    "bytes": bytes_case,
    "bytes-sizes": sizes_case,
}


def visible(rule, chance: Random):
    """Two examples of each."""
    return {name: [make(rule, chance) for _ in range(2)] for name, make in MAKERS.items()}


def hidden(rule, chance: Random):
    """Six of each."""
    return {name: [make(rule, chance) for _ in range(6)] for name, make in MAKERS.items()}
