"""Microsoft.ContainerRegistry: registries."""
