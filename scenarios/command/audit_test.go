package command

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// folder makes a folder of files, by path.
func folder(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	return write(t, filepath.Join(t.TempDir(), name), files)
}

func refuted(err error) bool { return errors.Is(err, ErrRefuted) }

// wrongQuestion checks that an error has exit code 2, one line and some text.
func wrongQuestion(t *testing.T, name string, err error, text string) {
	t.Helper()
	var coded interface{ ExitCode() int }
	switch {
	case !errors.As(err, &coded) || coded.ExitCode() != 2:
		t.Errorf("%s: error %v, want one with exit code 2", name, err)
	case !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n"):
		t.Errorf("%s: error %q, want one line with %q", name, err, text)
	}
}

func lateBanner(t *testing.T) (before, after string) {
	page := `<script src="/main.8e5c48f1a2b3.js"></script>`
	return folder(t, "1", map[string]string{"index.html": page, "main.8e5c48f1a2b3.js": "/*! Monday */\nrun()"}),
		folder(t, "2", map[string]string{"index.html": page, "main.8e5c48f1a2b3.js": "/*! Tuesday */\nrun()"})
}

const bannerAudit = `BUILD  FILES  PAGES  SIZE
1      2      1      64 bytes
2      2      1      65 bytes

RELEASE  SAME  REBOUND  CHANGED  CASCADED  RECOPIED  ADDED  REMOVED  COLD
1 to 2   0     1        0        0         0         0      0        0 URLs, 0 bytes

Assets: 1 hashed-name.

✗ binding  /main.8e5c48f1a2b3.js
  one URL, two files: 6c2a5e32a8ce in 1, 1c1f1b8c0cd5 in 2
  at index.html:1 of 2
    - /*! Monday */
    + /*! Tuesday */
  repair: make the hash after the last step that changes the file: it was made before

· sri  /main.8e5c48f1a2b3.js
  1 of 1 scripts and style sheets that pages name have no integrity attribute, so that a wrong file goes unnoticed: /main.8e5c48f1a2b3.js
  at index.html:1 of 2
  repair: add integrity attributes: a wrong file is then refused, not used

FAILED: 1 of 2 findings count. 1 binding, 1 sri, N ms
`

func TestAuditPrintsWhatItFinds(t *testing.T) {
	before, after := lateBanner(t)
	summary := filepath.Join(t.TempDir(), "summary.md")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	out, _, err := run(t, "audit", before, after)
	if !refuted(err) {
		t.Errorf("error %v, want one with exit code 1", err)
	}
	lines := func(s string) string {
		s = regexp.MustCompile(`[0-9]+ ms`).ReplaceAllString(s, "N ms")
		return regexp.MustCompile(`[0-9a-f]{12} in`).ReplaceAllString(s, "HASH in")
	}
	if got, want := lines(out), lines(bannerAudit); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	text, err := os.ReadFile(summary)
	if err != nil || !strings.Contains(string(text), "| ✗ | binding | `/main.8e5c48f1a2b3.js` |") {
		t.Errorf("step summary %q, %v", text, err)
	}
}

func TestAuditFailsOnWhatIsAskedFor(t *testing.T) {
	before, after := lateBanner(t)
	rows := []struct {
		args   []string
		failed bool
	}{
		{[]string{"--fail-on", "binding"}, true},
		{[]string{"--fail-on", "key,escape"}, false},
		{[]string{"--fail-on", "sri"}, true},
		{[]string{"--fail-on", "none"}, false},
		{[]string{"--fail-on", "all", "--json"}, true},
	}
	for _, row := range rows {
		_, _, err := run(t, append(append([]string{"audit"}, row.args...), before, after)...)
		if err != nil && !refuted(err) || refuted(err) != row.failed {
			t.Errorf("%v: error %v, want failed %v", row.args, err, row.failed)
		}
	}
}

func TestAuditRefusesAWrongQuestion(t *testing.T) {
	before, after := lateBanner(t)
	empty := folder(t, "no-page", map[string]string{"a.js": "1"})
	rows := []struct {
		name string
		args []string
		text string
	}{
		{"no folder", nil, "audit needs the folders"},
		{"a folder that is not there", []string{before, "/nowhere/at/all"}, "/nowhere/at/all"},
		{"a folder without a page", []string{before, empty}, "no-page"},
		{"the same folder twice", []string{before, before}, "same folder"},
		{"a class that there is not", []string{"--fail-on", "sorrow", before, after}, "--fail-on sorrow"},
		{"a flag after the folders", []string{before, after, "--json"}, "--json stands after"},
	}
	for _, row := range rows {
		_, _, err := run(t, append([]string{"audit"}, row.args...)...)
		wrongQuestion(t, row.name, err, row.text)
	}
}
