"""Microsoft.KeyVault: vaults."""
