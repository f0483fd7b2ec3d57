"""One package per resource provider: models (rules and states), routes (parsing), errors."""
