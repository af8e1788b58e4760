"""The work of a search on more than one core: processes here, or the workers of a Dask cluster.

What a search does at one place does not depend on any other place, and the ways on from it are plain values. So the one
who holds the graph hands places out and takes arrivals in, in the same order whoever finds them: the result is the
same, count for count. A worker that dies takes nothing with it but work, which another does again.
"""
