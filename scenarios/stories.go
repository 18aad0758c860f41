package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed stories/*.yaml
var storyFiles embed.FS

// Stories are the embedded stories, in order of their files' names.
func Stories() ([]*Scenario, error) { return ReadDir(storyFiles, "stories") }

// ReadDir reads every story of a directory, in order of file names. An empty
// directory is an error, and so is a name that is used twice.
func ReadDir(fsys fs.FS, dir string) ([]*Scenario, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no story in it: stories are files that end in .yaml", dir)
	}
	var all []*Scenario
	var wrong []error
	for _, f := range files {
		b, err := fs.ReadFile(fsys, f)
		if err != nil {
			return nil, fmt.Errorf("read a story: %w", err)
		}
		s, err := Read(f, b)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		all = append(all, s)
	}
	wrong = append(wrong, Unique(all))
	return all, errors.Join(wrong...)
}

// Unique refuses stories that have the same name.
func Unique(all []*Scenario) error {
	first := map[string]string{}
	var wrong []error
	for _, s := range all {
		name := strings.ToLower(s.Name)
		if file, ok := first[name]; ok {
			wrong = append(wrong, &Error{File: s.File, Path: "name", What: fmt.Sprintf("%q is the name of the story in %s, too", s.Name, file)})
			continue
		}
		first[name] = s.File
	}
	return errors.Join(wrong...)
}
