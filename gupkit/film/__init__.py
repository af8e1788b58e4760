"""A trace as a film: for each place in it what is told and every picture, packed for a page that steps by itself."""
