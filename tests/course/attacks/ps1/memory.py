"""More memory than there is."""
hoard = []
while True:
    hoard.append(bytearray(100_000_000))
