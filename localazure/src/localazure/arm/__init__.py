"""What every Azure Resource Manager service shares: ids, errors, routing, asynchronous operations."""
