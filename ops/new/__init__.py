"""`rollout new` and `rollout update`: a project of one's own, and a newer version of what it was made from."""
