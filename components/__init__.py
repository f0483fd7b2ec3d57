"""The Pulumi resources that a stack declares."""

from components.lean import install

install()
