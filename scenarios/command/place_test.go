package command

import (
	"strings"
	"testing"
)

// TestProvePlaces: where a site is served decides what its references lead to, and a
// server that takes the version away answers with whatever it has.
func TestProvePlaces(t *testing.T) {
	build := func(link, css string) map[string]string {
		return map[string]string{"index.html": "<link rel=stylesheet href=" + link + ">", "site.css": css}
	}
	rows := []struct {
		name  string
		links [2]string
		flags []string
		fail  bool
		want  string
	}{
		{"--base", [2]string{"/shop/site.css", "/shop/site.css"}, []string{"--base", "/shop/", "--mode", "atomic", "--fail-on", "stale"}, true, "style sheet: plain"},
		{"--host", [2]string{"https://cdn.example/site.css", "https://cdn.example/site.css"}, []string{"--host", "cdn.example", "--mode", "atomic", "--fail-on", "stale"}, true, "style sheet: plain"},
		{"--strip: old bytes for a new version while servers roll", [2]string{"/version1/site.css", "/version2/site.css"}, []string{"--strip", "version[0-9]+/", "--mode", "rolling", "--fail-on", "stale"}, true, "STALE, sticky"},
		{"--strip: nothing is stale when all switch at once", [2]string{"/version1/site.css", "/version2/site.css"}, []string{"--strip", "version[0-9]+/", "--mode", "atomic, invalidate", "--fail-on", "stale"}, false, "style sheet: /v/ rewritten"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			before, after := write(t, t.TempDir(), build(r.links[0], "one")), write(t, t.TempDir(), build(r.links[1], "two"))
			out, errs, err := run(t, append(append([]string{"prove", "--before", before, "--after", after}, r.flags...), "--no-color")...)
			if text := strings.Join(strings.Fields(out), " "); (err != nil) != r.fail || !strings.Contains(text, r.want) {
				t.Errorf("%v: error %v, want %s\n%s%s", r.flags, err, r.want, out, errs)
			}
		})
	}
}

func TestPlaceMistakes(t *testing.T) {
	for args, want := range map[string]string{
		"--base static":       "want a path that begins with /",
		"--host https://a/b":  "want a name alone",
		"--host a@b":          "want a name alone",
		"--strip version[0-9": "--strip: error parsing regexp",
	} {
		dir := t.TempDir()
		if _, _, err := run(t, append(append([]string{"audit"}, strings.Fields(args)...), dir)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("audit %s: got %v, want %s", args, err, want)
		}
	}
	if _, _, err := run(t, "prove", "--strip", "v"); err == nil || !strings.Contains(err.Error(), "--strip is about builds of your own") {
		t.Errorf("prove --strip without builds: %v", err)
	}
}
