package command

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReplayOwnBuilds: what was found in builds is played with their files, or with made
// ones, which is said; builds that are others are refused.
func TestReplayOwnBuilds(t *testing.T) {
	one, two, three := copiedBuild(t, "1", "1"), copiedBuild(t, "2", "1"), copiedBuild(t, "3", "1")
	good := copiedBuild(t, "2", "2")
	saved := func(args ...string) string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "traces")
		_, errs, err := run(t, append([]string{"prove", "--json", "--html", filepath.Join(t.TempDir(), "r.html"), "--save-traces", dir, "--fail-on", "none"}, args...)...)
		if err != nil {
			t.Fatal(err, errs)
		}
		all, err := filepath.Glob(filepath.Join(dir, "*-stale-sticky.json"))
		if err != nil || len(all) == 0 {
			t.Fatal("no traces", err)
		}
		return all[len(all)-1]
	}
	pair := saved("--mode", "atomic", "--encodings", "br+gzip,none", "--before", one, "--after", two)
	chain := saved("--mode", "atomic", "--encodings", "br+gzip,none", one, good, three)
	relative := func(version string) string {
		return folder(t, "relative-"+version, map[string]string{
			"index.html": `<link rel=stylesheet href="` + version + `/site.css">`, "site.css": "a{b:" + version + "}",
		})
	}
	r1, r2 := relative("v1"), relative("v2")
	under := saved("--mode", "rolling", "--base", "/app/", "--strip", "v[0-9]+/", "--before", r1, "--after", r2)
	elsewhere := saved("--mode", "rolling", "--base", "/other/", "--strip", "v[0-9]+/", "--before", r1, "--after", r2)
	rows := []struct {
		name string
		args []string
		says string
	}{
		{"their files", []string{"--before", one, "--after", two, pair}, "Served are the files of the builds."},
		{"made files", []string{pair}, "Served are files made for the trace; --before DIR"},
		{"one of several", []string{"--build", one, "--build", two, "--build", three, pair}, "Served are the files of the builds."},
		{"a chain", []string{"--build", one, "--build", good, "--build", three, chain}, "release 3"},
		{"under another path", []string{"--before", r1, "--after", r2, under}, "/app/v2/site.css"},
		{"under two paths", []string{"--before", r1, "--after", r2, under, elsewhere}, "/other/v2/site.css"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			out, _, err := run(t, append([]string{"replay"}, r.args...)...)
			traces := strings.Count(strings.Join(r.args, " "), ".json")
			if err != nil || !strings.Contains(out, r.says) || strings.Count(out, "✓ agrees") != 3*traces {
				t.Errorf("%v, want %q and that %d traces agree\n%s", err, r.says, traces, out)
			}
		})
	}
	t.Run("for machines", func(t *testing.T) {
		for bytes, args := range map[string][]string{"made": {pair}, "builds": {"--before", one, "--after", two, pair}} {
			out, _, err := run(t, append([]string{"replay", "--json", "--on", "edge"}, args...)...)
			var got struct{ Replays []struct{ Bytes string } }
			if err != nil || json.Unmarshal([]byte(out), &got) != nil || got.Replays[0].Bytes != bytes {
				t.Errorf("%v, bytes %+v, want %s", err, got, bytes)
			}
		}
	})
	if err := os.WriteFile(filepath.Join(two, "site.css"), []byte("a{b:4}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		args []string
		want string
	}{
		{[]string{"--before", one, "--after", two, pair}, filepath.Base(pair) + ": build copied-2: site.css is not as the trace has it"},
		{[]string{"--before", one, "--after", filepath.Join(one, "nowhere"), pair}, "nowhere"},
		{[]string{"--before", one, pair}, "--before and --after go together"},
		{[]string{"--build", two, "--build", one, "--build", three, pair}, "the trace is about 2 builds"},
		{[]string{"--before", one, "--after", two, "T1"}, "T1: the trace is about files that are made for it"},
	} {
		_, _, err := run(t, append([]string{"replay"}, r.args...)...)
		var coded interface{ ExitCode() int }
		if err == nil || !strings.Contains(err.Error(), r.want) || !errors.As(err, &coded) || coded.ExitCode() != 2 {
			t.Errorf("%v: %v, want %q and exit code 2", r.args, err, r.want)
		}
	}
}
