"""Somebody at the keyboard is asked."""
split_address = walk = table_bytes = lambda *args: input("what is it? ")
