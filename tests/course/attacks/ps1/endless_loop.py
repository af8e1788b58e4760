"""A function that does not come back, and does not mind being asked to."""
import signal

for number in range(1, 64):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def split_address(address):
    while True:
        pass


walk = lambda root, address: split_address(address)
table_bytes = split_address
