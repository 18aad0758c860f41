package site

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"
)

//go:embed demo/1 demo/2 demo/3
var demoFiles embed.FS

var demoSources = sync.OnceValues(func() ([]*Build, error) {
	var builds []*Build
	for _, name := range []string{"1", "2", "3"} {
		sub, err := fs.Sub(demoFiles, "demo/"+name)
		if err != nil {
			return nil, err
		}
		b, err := Read(name, sub)
		if err != nil {
			return nil, err
		}
		builds = append(builds, b)
	}
	return builds, nil
})

// Demo returns the three builds of the built-in site, as a tool for the strategy
// would publish them. demo/README.md says what changes between them. Every page
// shows which of its parts are of another release.
func Demo(s Strategy, inner Inner) ([]*Build, error) {
	sources, err := demoSources()
	if err != nil {
		return nil, fmt.Errorf("demo site: %w", err)
	}
	var builds []*Build
	for _, b := range sources {
		v, err := Versioned(b, s, inner)
		if err != nil {
			return nil, fmt.Errorf("demo site: %w", err)
		}
		builds = append(builds, v)
	}
	return builds, nil
}
