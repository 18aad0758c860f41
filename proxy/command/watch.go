package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/urfave/cli/v2"

	"staleproof/proxy/distribution"
)

const (
	// calm is how long nothing must have happened to the files before they are read
	// again: editors and synthesizers write several times.
	calm = 100 * time.Millisecond
	// longest is how long a first change waits at most, whatever else happens.
	longest = 500 * time.Millisecond
)

// watchFlag reads the configuration again when it changes.
func watchFlag() cli.Flag {
	return &cli.BoolFlag{Name: "watch", Usage: "read the configuration again when its files change, and serve the new one if it is valid; SIGHUP does so without this flag"}
}

// network is what serves a configuration.
type network interface {
	Distributions() []*distribution.Distribution
	Serve([]*distribution.Distribution) error
}

// reloader reads a configuration again and has it served in the place of the one
// before.
type reloader struct {
	read        func() ([]*distribution.Distribution, []distribution.Note, error)
	network     network
	ours        []*distribution.Distribution // what the files gave last; others came by the control door
	served      func([]*distribution.Distribution)
	out, errors io.Writer

	invalid bool // the last reading was an error
}

// reload reads again. What is invalid is said, and what was served before stays.
func (r *reloader) reload() {
	ds, notes, err := r.read()
	if err == nil && reflect.DeepEqual(ds, r.ours) {
		if r.invalid {
			fmt.Fprintln(r.out, "configuration read again: valid, and as it was before")
		}
		r.invalid = false
		return
	}
	if err == nil {
		err = r.network.Serve(append(slices.Clone(ds), r.others(ds)...))
	}
	if r.invalid = err != nil; r.invalid {
		tell(r.errors, err)
		fmt.Fprintln(r.errors, "staleproof: note: the configuration before it is still served")
		return
	}
	r.ours = ds
	for _, n := range notes {
		fmt.Fprintf(r.errors, "staleproof: note: %s: %s\n", n.Path, n.Message)
	}
	fmt.Fprintln(r.out, "configuration read again: it is served now")
	r.served(ds)
}

// others are the distributions that are served and came from elsewhere.
func (r *reloader) others(ds []*distribution.Distribution) (others []*distribution.Distribution) {
	for _, d := range r.network.Distributions() {
		same := func(n *distribution.Distribution) bool { return n.ID == d.ID }
		if !slices.Contains(r.ours, d) && !slices.ContainsFunc(ds, same) {
			others = append(others, d)
		}
	}
	return others
}

// tell prints an error as the program does when it ends with one.
func tell(w io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(w, "staleproof: error: "+strings.TrimSpace(line))
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		fmt.Fprintln(w, "staleproof: hint: "+hinted.Hint())
	}
}

// follow calls reload after changes that concern the files have calmed down, and at
// once at a hangup, until ctx ends. Nil channels never come.
func follow(ctx context.Context, changes <-chan fsnotify.Event, concerns func(fsnotify.Event) bool, failures <-chan error, hangups <-chan os.Signal, reload func()) {
	var due <-chan time.Time
	var first time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case ev, ok := <-changes:
			if !ok {
				return
			}
			if !concerns(ev) {
				continue
			}
			now := time.Now()
			if due == nil {
				first = now
			}
			due = time.After(min(calm, longest-now.Sub(first)))
		case <-failures: // changes were lost: there were too many
			due = nil
			reload()
		case <-hangups:
			due = nil
			reload()
		case <-due:
			due = nil
			reload()
		}
	}
}

// watchList are the files and folders of a configuration. Of a file its folder is
// watched: editors put a new file in its place.
type watchList struct {
	watcher *fsnotify.Watcher
	files   map[string]bool
	within  []string        // folders all of whose files count, and those of folders in them
	folders map[string]bool // what was found within
}

// maxFolders is how many folders within those of the configuration are watched.
const maxFolders = 256

// watchFiles watches files and folders that are there.
func watchFiles(names []string) (*watchList, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, Usagef("without --watch, SIGHUP has the configuration read again", "watch the configuration: %w", err)
	}
	l := &watchList{watcher: w, files: map[string]bool{}, folders: map[string]bool{}}
	for _, name := range names {
		abs, err := filepath.Abs(name)
		if err != nil {
			w.Close()
			return nil, Usagef("", "watch %s: %w", name, err)
		}
		l.add(abs)
		if real, err := filepath.EvalSymlinks(abs); err == nil && real != abs {
			l.add(real) // what a link leads to may be written to, too
		}
	}
	if err := l.watch(); err != nil {
		w.Close()
		return nil, Usagef("without --watch, SIGHUP has the configuration read again", "watch the configuration: %w", err)
	}
	return l, nil
}

func (l *watchList) add(name string) {
	l.files[name] = true
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		l.within = append(l.within, name)
	}
}

// watch watches what there is. A folder that was deleted and made again has to be
// watched again; to watch twice is to watch once.
func (l *watchList) watch() (first error) {
	watch := func(folder string) {
		if err := l.watcher.Add(folder); err != nil && first == nil {
			first = err
		}
	}
	for name := range l.files {
		watch(filepath.Dir(name))
	}
	for _, top := range l.within {
		filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || !d.IsDir():
				return nil // what is gone is not watched
			case strings.HasPrefix(d.Name(), "asset.") || len(l.folders) >= maxFolders && !l.folders[name]: // cdk's, with whole sites in them
				return filepath.SkipDir
			}
			l.folders[name] = true
			watch(name)
			return nil
		})
	}
	return first
}

// concerns reports whether something happened to a file of the configuration, and
// not only to its permissions.
func (l *watchList) concerns(ev fsnotify.Event) bool {
	if !ev.Has(fsnotify.Write | fsnotify.Create | fsnotify.Rename | fsnotify.Remove) {
		return false
	}
	return l.files[ev.Name] || l.folders[filepath.Dir(ev.Name)]
}

// close ends watching.
func (l *watchList) close() {
	if l != nil {
		l.watcher.Close()
	}
}

// watchConfig watches the files of --config with --watch; nil without.
func watchConfig(c *cli.Context) (*watchList, error) {
	files := c.StringSlice("config")
	switch {
	case !c.Bool("watch"):
		return nil, nil
	case len(files) == 0:
		return nil, Usagef("files in a directory are picked up at once, without --watch", "--watch goes with --config")
	}
	if f := c.String("imports"); f != "" {
		files = append(slices.Clone(files), f)
	}
	return watchFiles(files)
}

// follow has the configuration read again when it changes or a hangup says so, until
// what it returns is called.
func (s *server) follow() (stop func()) {
	if s.read == nil {
		return func() {}
	}
	r := &reloader{read: s.read, network: s.api, ours: s.distributions, served: s.table, out: s.out, errors: s.errors}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	reload := r.reload
	concerns := func(fsnotify.Event) bool { return false }
	var changes chan fsnotify.Event
	var failures chan error
	if l := s.watched; l != nil {
		changes, failures, concerns = l.watcher.Events, l.watcher.Errors, l.concerns
		reload = func() {
			l.watch() // what is not there yet comes with its folder
			r.reload()
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { follow(ctx, changes, concerns, failures, hangups, reload) })
	return func() {
		signal.Stop(hangups)
		cancel()
		done.Wait()
		s.watched.close()
	}
}
