//go:build tools

// Package cli names the Pulumi engine's command, so that this module's go.sum covers all that its build needs.
package cli

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
