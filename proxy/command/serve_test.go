package command

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/cachepolicy"
)

func TestParseDelays(t *testing.T) {
	tests := []struct {
		name   string
		words  []string
		all    time.Duration
		single map[string]time.Duration
		wrong  bool
	}{
		{"none", nil, 0, nil, false},
		{"for all", []string{"5s"}, 5 * time.Second, nil, false},
		{"for some", []string{"5s", "regional=2s", "FRA56-P1=1m"}, 5 * time.Second, map[string]time.Duration{"regional": 2 * time.Second, "FRA56-P1": time.Minute}, false},
		{"no duration", []string{"soon"}, 0, nil, true},
		{"no duration for one", []string{"regional=soon"}, 0, nil, true},
		{"backwards", []string{"-5s"}, 0, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all, single, err := parseDelays(tt.words)
			if (err != nil) != tt.wrong || all != tt.all || !maps.Equal(single, tt.single) {
				t.Errorf("%q: got %s %v %v, want %s %v", tt.words, all, single, err, tt.all, tt.single)
			}
		})
	}
}

func TestParseQuery(t *testing.T) {
	tests := []struct {
		text  string
		want  cachepolicy.SelectionMode
		names int
		wrong bool
	}{
		{"none", cachepolicy.None, 0, false},
		{"all", cachepolicy.All, 0, false},
		{"allow:v,w", cachepolicy.Only, 2, false},
		{"deny:x", cachepolicy.AllBut, 1, false},
		{"allow:", cachepolicy.None, 0, true},
		{"some", cachepolicy.None, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := parseQuery(tt.text)
			if (err != nil) != tt.wrong || got.Mode != tt.want || len(got.Names) != tt.names {
				t.Errorf("got %+v %v, want %s with %d names", got, err, tt.want, tt.names)
			}
		})
	}
}

// TestMistakesInServe: each is refused before anything listens, and nothing is made.
func TestMistakesInServe(t *testing.T) {
	dir := site(t)
	state := filepath.Join(t.TempDir(), "state")
	page := filepath.Join(dir, "index.html")
	for _, r := range []struct{ args, says, hint string }{
		{"--origin " + page, "is a file, not a directory", ""},
		{"--origin http://localhost:99999", "port 99999 is not 1 to 65535", ""},
		{"--memory 0", "--memory 0: want 1 to 1048576 MiB", "--memory 1024"},
		{"--memory 9223372036854775807", "want 1 to 1048576 MiB", ""},
		{"--front fast", "--front fast is neither", ""},
		{"--pops 17", "17 edge locations: there can be 1 to 16", "--pops"},
		{"--invalidation-delay FRA=5s", `invalidation delay of "FRA": there is only FRA56-P1`, "--invalidation-delay"},
		{"--invalidation-delay regional=5s", `invalidation delay of "regional": there is only FRA56-P1`, "--regional"},
		{"--invalidation-delay NRT57-C2=5s --pops 2 --regional", "there is only regional, FRA56-P1, IAD89-C1", ""},
		{"--control-host http://staleproof.test", "is no name of a host", "--control-host staleproof.test"},
		{"--control-host staleproof.test:9180", "is no name of a host", ""},
		{"--list-bucket --origin http://localhost:1", "--list-bucket is about directories, and no origin is one", "--origin ./dist"},
		{"--state " + page, "--state: ", "--state wants a directory"},
		{"--store disk:" + page, "store disk:" + page, "--store disk:DIR"},
	} {
		args := append([]string{"staleproof", "serve", "--listen", "nowhere", "--control", "nowhere"}, strings.Fields(r.args)...)
		if !strings.Contains(r.args, "--origin") {
			args = append(args, "--origin", dir)
		}
		if !strings.Contains(r.args, "--st") && !strings.Contains(r.args, "--pops") && !strings.Contains(r.args, "delay") {
			args = append(args, "--state", state)
		}
		app := &cli.App{Name: "staleproof", Commands: Commands(), Writer: io.Discard, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}}
		err := app.RunContext(t.Context(), args)
		var told usage
		if !errors.As(err, &told) || !strings.Contains(err.Error(), r.says) || !strings.Contains(told.hint, r.hint) {
			t.Errorf("%s: %v, hint %q\nwant %s, hint %q", r.args, err, told.hint, r.says, r.hint)
		}
	}
	if _, err := os.Stat(state); err == nil {
		t.Error("the directory of --state was made")
	}
}
