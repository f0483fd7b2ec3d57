"""`rollout rehearsal`: a whole safe rollout on this machine, watched, under load."""
