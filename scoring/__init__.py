"""What runs inside a deployment, and how its model is made."""
