"""The cloud's metadata and its token authority."""
