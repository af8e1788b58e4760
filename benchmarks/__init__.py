"""What the kit promises in numbers, measured: each row is a ratio of two things run side by side on this machine.

``python -m benchmarks`` prints the table, ``--json`` the same as data; exit 1 if a bound is missed.
"""
