"""What an operator types: status, next, tick, run, abort, undo, history."""
