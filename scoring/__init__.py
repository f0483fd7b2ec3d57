"""What runs inside a deployment (`code/`), and how its model, environment and sample requests are made."""
