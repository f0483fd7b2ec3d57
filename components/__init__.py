"""The Pulumi resources that a stack declares."""
