package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// in writes files into a new folder and goes there.
func in(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A passing test shows its rows, whether it has them in its name, in the story that it
// plays, in the case that it reads, or cites them; and of a test and its sub-tests the
// last. One that failed or was skipped shows nothing.
func TestAssign(t *testing.T) {
	c := &corpora{
		caching: &ledger{sections: []section{{"1. TTL", []row{{id: "TTL-01"}, {id: "TTL-02"}, {id: "TTL-03"}, {id: "TTL-04"}}}}},
		others:  []*ledger{{sections: []section{{"A", []row{{id: "API-05"}}}}}},
		labels:  map[string][]string{"a day later": {"TTL-02"}, "corpus yaml": {"TTL-03"}, "cited by p TestB": {"API-05"}},
	}
	got := c.assign([]result{
		{"p", "TestA/TTL-01: x", "pass"}, {"p", "TestA/TTL-01: x/deeper", "pass"}, {"p", "TestA/TTL-04: y", "fail"}, {"p", "TestC/TTL-04: y", "skip"},
		{"scenarios", "TestStories/a day later", "pass"}, {"proxy/distribution", "TestCorpus/yaml", "pass"}, {"p", "TestB", "pass"},
	})
	want := "map[API-05:[p TestB] TTL-01:[p TestA/TTL-01: x/deeper] TTL-02:[scenarios TestStories/a day later] TTL-03:[proxy/distribution TestCorpus/yaml]]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}

func TestReadCaching(t *testing.T) {
	text := "# L\n| TTL-99 | * | before any section | s | [doc] |\n\n## 1. TTL\n\n| id | core | fact | source | mark |\n|---|---|---|---|---|\n"
	for i := range 300 {
		text += fmt.Sprintf("| TTL-%02d |  | a fact | s | [inf] |\n", i%100)
	}
	text += "| KEY-01 | * | disputed **(D-1)** | s | [doc][obs] |\n\n## 2. Disputed\n\n| D-1 (KEY-01) | which? | sides | this |\n\n## 3. Unknown\n\n1. what? [this]\n"
	in(t, map[string]string{"good.md": text, "short.md": "## 1. TTL\n| TTL-01 |  | a fact | s | [inf] |\n", "odd.md": strings.Replace(text, "[doc][obs] |", "documented |", 1)})
	l, err := readCaching("good.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.rows); n != 301 || fmt.Sprintf("%+v", l.rows[300]) != "{id:KEY-01 core:true fact:disputed **(D-1)** marks:[doc][obs] disputed:D-1}" {
		t.Errorf("got %d rows, the last %+v", n, l.rows[n-1])
	}
	if d, u := l.sections[1].rows, l.sections[2].rows; len(d) != 1 || d[0].id != "D-1" || len(u) != 1 || u[0].id != "unknown 1" {
		t.Errorf("got the disputes %+v and the unknown %+v", d, u)
	}
	for file, want := range map[string]string{"short.md": "only 1 rows read", "odd.md": "this row cannot be read: | KEY-01", "none.md": "no such file"} {
		if _, err := readCaching(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", file, err, want)
		}
	}
}

func TestReadLabels(t *testing.T) {
	in(t, map[string]string{
		"s/a.yaml": "name: \"a day later\"\nrows: [TTL-01, T7, COND-02]\n", "bad/b.yaml": "name: nothing told\n",
		"c/yaml.txt":  "About TTL-03.\n-- site.yaml --\n# TTL-04\n",
		"p/a_test.go": "package p\n\n// TestA: API-40, and TTL-05, which needs a test with its name.\nfunc TestA() {}\n",
		"d/api.md":    "## Calls\n\n`CreateA`\n\n### Not emulated\n\n| x | `CreateB`, `DeleteB` |\n\n## Reset\n\n`CreateC`\n",
	})
	stories, err := readStories("s/*.yaml")
	if got := fmt.Sprint(stories); err != nil || got != "map[a day later:[TTL-01 COND-02]]" {
		t.Errorf("stories: got %s, %v", got, err)
	}
	if _, err := readStories("bad/*.yaml"); err == nil {
		t.Error("a story without rows is read")
	}
	labels := map[string][]string{}
	if err := readCorpus("c/*.txt", labels); err != nil {
		t.Error(err)
	}
	if err := readCitations([]string{"./p"}, &ledger{rows: []row{{id: "TTL-05"}}}, labels); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(labels); got != "map[cited by p TestA:[API-40] corpus yaml:[TTL-03]]" {
		t.Errorf("cases and citations: got %s", got)
	}
	refused, err := operations("d/api.md")
	if got := fmt.Sprint(refused); err != nil || got != "map[CreateB:true DeleteB:true]" {
		t.Errorf("operations: got %s, %v", got, err)
	}
	for what, read := range map[string]func() error{
		"stories": func() error { _, err := readStories("none/*"); return err },
		"cases":   func() error { return readCorpus("none/*", labels) },
		"ledgers": func() error { _, err := readOthers("none/*", ""); return err },
	} {
		if read() == nil {
			t.Errorf("a folder without %s is read", what)
		}
	}
}

// Answers come in any order, since tests run beside each other.
func TestReadAnswers(t *testing.T) {
	in(t, map[string]string{"answers": "b\na\nb\n"})
	if got, err := readAnswers("answers"); err != nil || fmt.Sprint(got) != "[a b b]" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := readAnswers("none"); err == nil {
		t.Error("answers that were not written are read")
	}
}

// What is written of a row: two of its tests, or why it has none.
func TestLine(t *testing.T) {
	kept := later
	defer func() { later = kept }()
	later = map[string]string{"TTL-02": "there is no clock"}
	c := &corpora{refused: map[string]bool{"CreateX": true}}
	for _, tt := range []struct {
		r     row
		tests []string
		want  string
	}{
		{row{id: "TTL-01", core: true, marks: "[doc]", disputed: "D-1"}, []string{"p A", "p B", "p C", "p D"}, "| TTL-01 | * | [doc] D-1 | `p A`; `p B`; and 2 more | pass |"},
		{row{id: "TTL-01"}, []string{"p a|b`c"}, "| TTL-01 |  |  | `p a¦b'c` | pass |"},
		{row{id: "TTL-02"}, nil, "| TTL-02 |  |  |  | not yet: there is no clock |"},
		{row{id: "D-3"}, nil, "| D-3 |  |  |  | see [EMULATION.md](EMULATION.md) |"},
		{row{id: "requests HDR-01"}, nil, "| HDR-01 |  |  |  | not covered: no test names it |"},
		{row{id: "API-01", fact: "CreateX"}, nil, "| API-01 |  |  |  | not emulated: the operation is refused ([CONTROL.md](CONTROL.md#not-emulated)) |"},
	} {
		if got := strings.TrimSpace(c.line(tt.r, tt.tests)); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestTally(t *testing.T) {
	rows := []row{{id: "TTL-01", core: true}, {id: "TTL-02"}, {id: "FN-01"}, {id: "FN-240"}}
	if got, want := (&corpora{}).tally(rows, map[string][]string{"TTL-01": {"p A"}}), (totals{rows: 4, core: 1, shown: 1, later: 1, absent: 1, foreign: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
