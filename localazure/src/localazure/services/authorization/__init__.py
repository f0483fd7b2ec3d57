"""Microsoft.Authorization: role assignments and role definitions."""
