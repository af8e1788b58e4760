"""The learner's own Linux, observed through /proc.

:mod:`gupkit.host.live` reads a running process into a :class:`~gupkit.trace.snapshot.Snapshot`;
:mod:`gupkit.host.recording` ships one that was read before, for machines without /proc.
"""
