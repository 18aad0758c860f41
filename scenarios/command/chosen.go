package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gregjones/httpcache/diskcache"

	"staleproof/scenarios"
)

// runnable is a story or a deploy file, to list and to run.
type runnable struct {
	file, name string
	rows       []string
	run        func(ctx context.Context, store string) (outcome, error)
}

// outcome is how one went.
type outcome struct {
	passed        bool
	text, verbose string
}

// short is what a built-in one is called on the command line.
func (r *runnable) short() string { return strings.TrimSuffix(filepath.Base(r.file), ".yaml") }

func story(s *scenarios.Scenario) runnable {
	return runnable{s.File, s.Name, s.Rows, func(ctx context.Context, store string) (outcome, error) {
		rep, err := playOn(ctx, s, store)
		return outcome{rep.Passed(), rep.String(), rep.Verbose()}, err
	}}
}

func deploy(d *scenarios.Deploy) runnable {
	return runnable{d.File, d.Name, d.Rows, func(ctx context.Context, _ string) (outcome, error) {
		rep := scenarios.Explore(ctx, d, nil)
		return outcome{rep.Passed(), rep.String(), rep.String()}, nil
	}}
}

func playOn(ctx context.Context, s *scenarios.Scenario, store string) (scenarios.Report, error) {
	o := scenarios.Options{}
	if store == "disk" {
		dir, err := os.MkdirTemp("", "staleproof-")
		if err != nil {
			return scenarios.Report{Scenario: s}, fmt.Errorf("make a directory for the store: %w", err)
		}
		defer os.RemoveAll(dir)
		o.Store = diskcache.New(dir)
	}
	return scenarios.Play(ctx, s, o), nil
}

// builtIn are all embedded stories, then all embedded deploy files.
func builtIn() ([]runnable, error) {
	stories, err := scenarios.Stories()
	if err != nil {
		return nil, err
	}
	deploys, err := scenarios.Deploys()
	if err != nil {
		return nil, err
	}
	var all []runnable
	for _, s := range stories {
		all = append(all, story(s))
	}
	for _, d := range deploys {
		all = append(all, deploy(d))
	}
	return all, nil
}

// choose finds what is to be run by built-in name, file or directory; with nothing
// chosen, all that is built in.
func choose(args []string) ([]runnable, error) {
	all, err := builtIn()
	if err != nil || len(args) == 0 {
		return all, err
	}
	var chosen []runnable
	for _, a := range args {
		if i := slices.IndexFunc(all, func(r runnable) bool { return r.name == a || r.short() == a }); i >= 0 {
			chosen = append(chosen, all[i])
			continue
		}
		some, err := readPath(a)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, some...)
	}
	seen := map[string]string{}
	for _, r := range chosen {
		if other, ok := seen[strings.ToLower(r.name)]; ok {
			return nil, usagef("give each a name of its own, and name each once", "%s and %s have the same name, %q", other, r.file, r.name)
		}
		seen[strings.ToLower(r.name)] = r.file
	}
	return chosen, nil
}

// readPath reads a file, or all *.yaml of a directory.
func readPath(name string) ([]runnable, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, usagef("staleproof scenario list shows the names", "there is no story and no file %q", name)
	case err != nil:
		return nil, usage{err, ""}
	case !info.IsDir():
		r, err := readOne(name)
		if err != nil {
			return nil, usage{err, ""}
		}
		return []runnable{r}, nil
	}
	files, err := fs.Glob(os.DirFS(name), "*.yaml") // the folder's own name is no pattern
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no story in it: stories are files that end in .yaml", name)
	}
	var some []runnable
	wrong := []error{err}
	for _, f := range files {
		r, err := readOne(filepath.Join(name, f))
		some, wrong = append(some, r), append(wrong, err)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, usage{err, ""}
	}
	return some, nil
}

func readOne(name string) (runnable, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return runnable{}, err
	}
	if scenarios.IsDeploy(b) {
		d, err := scenarios.ReadDeploy(name, b)
		if err != nil {
			return runnable{}, err
		}
		return deploy(d), nil
	}
	s, err := scenarios.Read(name, b)
	if err != nil {
		return runnable{}, err
	}
	return story(s), nil
}
