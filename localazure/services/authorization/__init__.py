"""Microsoft.Authorization: role assignments and the built-in role definitions."""
