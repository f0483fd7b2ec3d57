//go:build tools

// Package host names Pulumi's Python language host, so that this module's go.sum covers all that its build needs.
package host

import _ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
