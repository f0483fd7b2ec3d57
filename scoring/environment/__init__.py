"""The environment that a deployment runs in: what it needs, and every version that this becomes."""
