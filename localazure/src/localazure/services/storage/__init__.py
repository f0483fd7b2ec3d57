"""Microsoft.Storage: storage accounts."""
