"""The Pulumi resources that a stack declares."""

from components.speed import is_on

if is_on("lean"):
    from components.speed.lean import install

    install()
