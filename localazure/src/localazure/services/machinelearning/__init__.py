"""Microsoft.MachineLearningServices: workspaces, assets, datastores, online endpoints and their deployments."""
