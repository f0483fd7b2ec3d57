"""The stack file, read once, checked and frozen."""
