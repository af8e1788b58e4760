"""Output without end."""
while True:
    print("x" * 10_000, flush=True)
