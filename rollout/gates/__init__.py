"""Judging a rollout: what was answered, in; one of five verdicts, out. Pure."""
