"""The simulated kernel beside this machine's Linux: where the two differ.

:mod:`~gupkit.host.compare.differences` compares two runs, :mod:`~gupkit.host.compare.pair` makes them,
:mod:`~gupkit.host.compare.sequences` thinks up random ones, :mod:`~gupkit.host.compare.shrink` makes them small.
"""
