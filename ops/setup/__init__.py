"""The set-up: what `.venv` does not hold, found or brought into the cache."""
