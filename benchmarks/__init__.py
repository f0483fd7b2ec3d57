"""Speeds that matter, measured in one run and printed as ratios; `make bench` runs them all."""
