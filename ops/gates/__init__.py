"""Judging a rollout with what Azure and others tell: sources at the edge, the verdict in `rollout.gates`."""
