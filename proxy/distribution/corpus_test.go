package distribution

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what was read into the case files of testdata/corpus")

// part is one file within a case file, which begins with a line "-- name --".
type part struct{ name, text string }

var partHead = regexp.MustCompile(`(?m)^-- (\S+) --\n`)

// parts splits a case file: some text about it, then parts.
func parts(b []byte) (about string, ps []part) {
	at := partHead.FindAllSubmatchIndex(b, -1)
	about = string(b)
	for i, m := range at {
		end := len(b)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		if i == 0 {
			about = string(b[:m[0]])
		}
		ps = append(ps, part{string(b[m[2]:m[3]]), string(b[m[1]:end])})
	}
	return about, ps
}

// TestCorpus reads the files of each case and compares what comes out: the
// distributions in our dialect, notes, or the error. Of the parts, parameters holds
// lines NAME=VALUE, and imports the exports of other stacks.
func TestCorpus(t *testing.T) {
	cases, _ := filepath.Glob("testdata/corpus/*.txt")
	templates, _ := filepath.Glob("testdata/cloudformation/*.txt")
	if len(cases) == 0 || len(templates) == 0 {
		t.Fatal("testdata has no cases")
	}
	cases = append(cases, templates...)
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			about, ps := parts(b)
			var sources []Source
			var options Options
			var want, input strings.Builder
			for _, p := range ps {
				if strings.HasPrefix(p.name, "want.") {
					fmt.Fprintf(&want, "-- %s --\n%s", p.name, p.text)
					continue
				}
				switch p.name {
				case "parameters":
					for line := range strings.Lines(p.text) {
						if err := options.Parameters.Set(strings.TrimSpace(line)); err != nil {
							t.Fatal(err)
						}
					}
				case "imports":
					if options.Imports, err = ReadImports(Source{Name: p.name, Data: []byte(p.text)}); err != nil {
						t.Fatal(err)
					}
				default:
					sources = append(sources, Source{Name: p.name, Data: []byte(p.text)})
				}
				fmt.Fprintf(&input, "-- %s --\n%s", p.name, p.text)
			}
			got := outcome(t, options, sources)
			if *update {
				if err := os.WriteFile(name, []byte(about+input.String()+got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want.String() {
				t.Errorf("%s\nread as\n%s\nwant\n%s", input.String(), got, want.String())
			}
		})
	}
}

// outcome is what reading gives, as the last parts of a case file. What is written
// must be read as the same again.
func outcome(t *testing.T, options Options, sources []Source) string {
	t.Helper()
	ds, notes, err := options.ReadSources(sources)
	if err != nil {
		return "-- want.error --\n" + err.Error() + "\n"
	}
	var out strings.Builder
	for _, d := range ds {
		text := d.YAML()
		fmt.Fprintf(&out, "-- want.yaml --\n%s", text)
		again, _, err := Read("written", text)
		if err != nil || !reflect.DeepEqual(again, d) {
			t.Errorf("written and read again it is another: %v\n%+v\nwant\n%+v", err, again, d)
		}
	}
	if len(notes) > 0 {
		out.WriteString("-- want.notes --\n")
		for _, n := range notes {
			fmt.Fprintf(&out, "%s: %s\n", n.Path, n.Message)
		}
	}
	return out.String()
}

func TestCaseFilesAreSplit(t *testing.T) {
	about, ps := parts([]byte("words\n-- a.yaml --\nx: 1\n-- want.error --\n"))
	if want := []part{{"a.yaml", "x: 1\n"}, {"want.error", ""}}; about != "words\n" || !reflect.DeepEqual(ps, want) {
		t.Errorf("got %q, %q, want words and %q", about, ps, want)
	}
}
