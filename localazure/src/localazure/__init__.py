"""A local Azure: strict, with real processes, for rehearsals on one machine."""
