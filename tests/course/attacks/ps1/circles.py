"""Values that contain themselves, or are too large to compare."""
loop = []
loop.append(loop)
deep = []
for _ in range(100_000):
    deep = [deep]
split_address = lambda address: loop
walk = lambda root, address: deep
table_bytes = lambda addresses: 1 << 10_000_000
