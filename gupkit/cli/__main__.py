"""``python -m gupkit.cli``: the command line, where the ``gupkit`` command is not installed."""

from . import main

main()
