// Package docs holds the documents that the program itself serves.
package docs

import _ "embed"

// OpenAPI describes the calls of the control door, as YAML, OpenAPI 3.0.
//
//go:embed openapi.yaml
var OpenAPI []byte
