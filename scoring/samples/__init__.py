"""Sample requests for the diabetes model, with the answers that its models must give."""
