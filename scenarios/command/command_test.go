package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"staleproof/scenarios/prove"
)

// run runs the command line in this process.
func run(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	var out, errs bytes.Buffer
	app := &cli.App{
		Name: "staleproof", Commands: Commands(), Writer: &out, ErrWriter: &errs,
		ExitErrHandler: func(*cli.Context, error) {},
	}
	err = app.RunContext(t.Context(), append([]string{"staleproof"}, args...))
	return out.String(), errs.String(), err
}

func write(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The demonstration: the whole table, the counterexample of the query string, and
// the report in a file.
func TestProveTheBuiltInSite(t *testing.T) {
	page := filepath.Join(t.TempDir(), "report.html")
	out, progress, err := run(t, "prove", "--html", page)
	if err != nil {
		t.Fatalf("%v\n%s", err, progress)
	}
	for _, want := range []string{
		"index.html, css/site.css, img/lighthouse.png stand for",
		"The shortest counterexample: “?v everywhere” deployed as “rolling” (STALE, sticky, 6 events",
		"Versioned paths: With the release or a hash in the path",
		"The whole report, to open in a browser: " + page,
	} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("not said: %s\n%s", want, out)
		}
	}
	if !strings.Contains(progress, "proving 88 deploys\n") || !strings.Contains(progress, "proved 88 of 88") {
		t.Errorf("progress: %s", progress)
	}
	b, err := os.ReadFile(page)
	if err != nil || !bytes.Contains(b, []byte("<!doctype html>")) && !bytes.Contains(b, []byte("<!DOCTYPE html>")) {
		t.Errorf("no report: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(page), ".staleproof-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestProveWritesForMachines(t *testing.T) {
	junit := filepath.Join(t.TempDir(), "junit.xml")
	out, _, err := run(t, "prove", "--json", "--strategy", "/v/ real", "--mode", "rollback", "--junit", junit)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Grids []struct {
			Strategies, Modes []string
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Grids) != 1 || len(got.Grids[0].Strategies) != 1 || len(got.Grids[0].Modes) != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	if b, err := os.ReadFile(junit); err != nil || !bytes.Contains(b, []byte("<testsuite")) {
		t.Errorf("junit: %v\n%s", err, b)
	}
	if out, _, err := run(t, "prove", "--markdown", "--strategy", "plain", "--mode", "leaf first"); err != nil || !strings.Contains(out, "|") {
		t.Errorf("markdown: %v\n%s", err, out)
	}
}

// The key without query strings makes every query string as bad as none.
func TestProveWithoutQueryStringsInTheKey(t *testing.T) {
	out, _, err := run(t, "prove", "--query", "none", "--strategy", "?v everywhere", "--mode", "atomic")
	if err != nil || !strings.Contains(out, "STALE, sticky, 5 events") {
		t.Errorf("%v\n%s", err, out)
	}
}

const page1 = `<link rel=stylesheet href=/css/site.css>`

func TestProveTwoBuilds(t *testing.T) {
	plain1 := map[string]string{"index.html": page1, "css/site.css": "one"}
	plain2 := map[string]string{"index.html": page1 + " ", "css/site.css": "two"}
	dir1 := map[string]string{"index.html": `<link rel=stylesheet href=/1.0/site.css>`, "1.0/site.css": "one"}
	dir2 := map[string]string{"index.html": `<link rel=stylesheet href=/1.1/site.css>`, "1.1/site.css": "two"}
	rows := []struct {
		name          string
		before, after map[string]string
		flags         []string
		refuted       bool
		want          []string
	}{
		{"the same names", plain1, plain2, nil, true,
			[]string{"1 asset: 1 plain; proved as “plain”.", "1 URL stands for two files", "/css/site.css: css/site.css of build before has"}},
		{"a directory for each release", dir1, dir2, []string{"--mode", "atomic"}, false,
			[]string{"proved as “/v/ real”.", "No URL stands for two files.", "PROVED"}},
		{"and a rolling deploy", dir1, dir2, []string{"--mode", "rolling"}, true, []string{"MISSING"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			d := t.TempDir()
			before, after := write(t, filepath.Join(d, "before"), r.before), write(t, filepath.Join(d, "after"), r.after)
			out, _, err := run(t, append([]string{"prove", "--before", before, "--after", after}, r.flags...)...)
			if errors.Is(err, ErrRefuted) != r.refuted || !r.refuted && err != nil {
				t.Errorf("error %v, refuted: want %v", err, r.refuted)
			}
			for _, want := range r.want {
				if !strings.Contains(out, want) {
					t.Errorf("not said: %s\n%s", want, out)
				}
			}
		})
	}
}

// What is asked wrongly is one clear error with exit code 2 and says what to do.
func TestMistakesInTheAsking(t *testing.T) {
	d := t.TempDir()
	empty := write(t, filepath.Join(d, "empty"), map[string]string{"readme.txt": "hello"})
	some := write(t, filepath.Join(d, "some"), map[string]string{"index.html": page1, "css/site.css": "one"})
	twin := write(t, filepath.Join(d, "twin"), map[string]string{"index.html": page1, "css/site.css": "one"})
	twice := write(t, filepath.Join(d, "twice"), map[string]string{"index.html": page1, "css/site.css": "two"})
	bare := write(t, filepath.Join(d, "bare"), map[string]string{"index.html": "hello"})
	bad := filepath.Join(write(t, d, map[string]string{"bad.yaml": "name: x\n"}), "bad.yaml")
	rows := []struct {
		name, want, hint string
		args             []string
	}{
		{"one folder", "a deploy needs two builds", "oldest first", []string{"prove", "now"}},
		{"no such strategy", "no strategy is called like nonsense", "?v everywhere", []string{"prove", "--strategy", "nonsense"}},
		{"no such mode", "no way to deploy is called like nonsense", "rolling", []string{"prove", "--mode", "nonsense"}},
		{"query neither", "--query some is neither", "--query none", []string{"prove", "--query", "some"}},
		{"two formats", "both want the standard output", "", []string{"prove", "--json", "--markdown"}},
		{"one build", "a deploy needs two builds", "--before DIR --after DIR", []string{"prove", "--before", some}},
		{"a missing folder", "no such file", "", []string{"prove", "--before", filepath.Join(d, "none"), "--after", some}},
		{"no HTML", "no HTML in it", "", []string{"prove", "--before", empty, "--after", some}},
		{"the same folder", "are the same folder", "name two folders", []string{"prove", "--before", some, "--after", some}},
		{"the same build", "hold the same files", "build the site again", []string{"prove", "--before", some, "--after", twin}},
		{"no asset", "no page names an asset", "", []string{"prove", "--before", some, "--after", bare}},
		{"a configuration without distribution", "bad.yaml: no distribution in it", "docs/configuration.md", []string{"prove", "--config", filepath.Join(write(t, filepath.Join(d, "c"), map[string]string{"bad.yaml": "# nothing\n"}), "bad.yaml"), some, twice}},
		{"a report nowhere", "cannot write to " + filepath.Join(d, "none") + ": no such file or directory", "name a file in a folder that is there", []string{"prove", "--strategy", "plain", "--mode", "leaf first", "--html", filepath.Join(d, "none", "r.html")}},
		{"a flag at the end", "--store stands after an argument", "put flags before the arguments: staleproof scenario run --store", []string{"scenario", "run", "query-all", "--store", "disk"}},
		{"no such store", `there is no store "tape"`, "--store disk", []string{"scenario", "run", "--store", "tape"}},
		{"no such story", `no story and no file "nonsense"`, "scenario list", []string{"scenario", "run", "nonsense"}},
		{"a bad file", bad + ":", "", []string{"scenario", "run", bad}},
		{"a folder without stories", "no story in it", "", []string{"scenario", "run", some}},
		{"a story twice", "have the same name", "name each once", []string{"scenario", "run", "query-all", "query-all"}},
		{"no such command", `scenario has no command "play"`, "scenario run play", []string{"scenario", "play"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, _, err := run(t, r.args...)
			var asked interface {
				error
				ExitCode() int
				Hint() string
			}
			if !errors.As(err, &asked) || asked.ExitCode() != 2 {
				t.Fatalf("got %v, want exit code 2", err)
			}
			if !strings.Contains(err.Error(), r.want) || !strings.Contains(asked.Hint(), r.hint) {
				t.Errorf("got %q, hint %q\nwant %q, hint %q", err, asked.Hint(), r.want, r.hint)
			}
		})
	}
}

func TestScenarioListAndRun(t *testing.T) {
	out, _, err := run(t, "scenario", "list")
	if err != nil || !strings.Contains(out, "query-all") || !strings.Contains(out, "t1-rolling-query") {
		t.Errorf("list: %v\n%s", err, out)
	}
	out, _, err = run(t, "scenario", "run", "--store", "disk", "query-all", "t3-plain")
	if err != nil || !strings.HasSuffix(out, "2 passed, 0 failed\n") {
		t.Errorf("run: %v\n%s", err, out)
	}
	out, _, err = run(t, "scenario", "run", "-v", "query-all")
	if err != nil || !strings.Contains(out, "X-Cache: Miss from cloudfront") {
		t.Errorf("verbose: %v\n%s", err, out)
	}
}

// A story that fails is shown step by step, and the exit code is 1.
func TestScenarioThatFails(t *testing.T) {
	b, err := os.ReadFile("../stories/query-all.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := write(t, t.TempDir(), map[string]string{"one.yaml": strings.Replace(string(b), "result: Hit", "result: Miss", 1)})
	out, _, err := run(t, "scenario", "run", dir)
	if !errors.Is(err, ErrRefuted) || !strings.Contains(out, "! result Hit (fresh: its lifetime is not over), want Miss") || !strings.HasSuffix(out, "0 passed, 1 failed\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

// If the built-in site came out otherwise than is known, the demonstration would
// say so.
func TestDemonstrationCanFail(t *testing.T) {
	q := &question{cdn: prove.K(1), modes: prove.Modes(), strategies: prove.Strategies()}
	if err := q.readDemo(); err != nil {
		t.Fatal(err)
	}
	if err := q.filter([]string{"?v everywhere", "/v/ real"}, nil, false); err != nil {
		t.Fatal(err)
	}
	g := proveGrid(t.Context(), q, func(int, prove.Progress) {})
	if wrong := demonstration(g, q.strategies); len(wrong) > 0 {
		t.Fatalf("as it is: %q", wrong)
	}
	g.Cells[0], g.Cells[1] = g.Cells[1], g.Cells[0]
	text := strings.Join(demonstration(g, q.strategies), "\n")
	for _, want := range []string{`"?v everywhere" shows no wrong file for good, and should`, "is AHEAD, and should be PROVED", "is STALE, and should be PROVED"} {
		if !strings.Contains(text, want) {
			t.Errorf("exchanged: got\n%s\nwant %s", text, want)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if text := strings.Join(demonstration(proveGrid(ctx, q, func(int, prove.Progress) {}), q.strategies), "\n"); !strings.Contains(text, "is UNKNOWN") {
		t.Errorf("stopped: %s", text)
	}
}

// The name of a folder of stories is a name and no pattern.
func TestFolderOfStories(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "stories[1]")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	story, err := os.ReadFile("../stories/head.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "head.yaml"), story, 0o644); err != nil {
		t.Fatal(err)
	}
	if some, err := readPath(dir); err != nil || len(some) != 1 {
		t.Errorf("found %d stories, %v", len(some), err)
	}
}

// TestHelpNamesValues: what a flag takes has a name in the help, as in --states N.
func TestHelpNamesValues(t *testing.T) {
	for _, c := range Commands() {
		for _, c := range append(c.Subcommands, c) {
			for _, f := range c.Flags {
				if f, ok := f.(cli.DocGenerationFlag); ok && f.TakesValue() && !strings.Contains(f.GetUsage(), "`") {
					t.Errorf("%s --%s: %s", c.Name, f.(cli.Flag).Names()[0], f.GetUsage())
				}
			}
		}
	}
}
