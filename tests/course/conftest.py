"""Answers and attacks are read and graded, never imported."""

collect_ignore_glob = ["wrong/*", "right/*", "attacks/*"]
