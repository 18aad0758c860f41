package scenarios

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/gregjones/httpcache/diskcache"
)

// Each story is asked three questions.
func TestStories(t *testing.T) {
	all, err := Stories()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			first := Play(t.Context(), s, Options{})
			if !first.Passed() {
				t.Fatalf("does it pass?\n%s", first.Verbose())
			}
			again := Play(t.Context(), s, Options{})
			if d := difference(first.Verbose(), again.Verbose()); d != "" {
				t.Errorf("does it go the same way twice?\n%s", d)
			}
			disk := Play(t.Context(), s, Options{Store: diskcache.New(t.TempDir())})
			if d := difference(first.Verbose(), disk.Verbose()); d != "" {
				t.Errorf("does it go the same way with a store on disk? (law 1)\n%s", d)
			}
		})
	}
}

// Every row that a story claims to play is in a ledger.
func TestStoriesNameKnownRows(t *testing.T) {
	all, err := Stories()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	files, _ := filepath.Glob("../docs/cloudfront/*.md")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\| *([A-Z]+-\d+) *\|`).FindAllSubmatch(b, -1) {
			known[string(m[1])] = true
		}
	}
	for _, s := range all {
		for _, row := range s.Rows {
			if row[0] == 'T' && len(row) <= 3 {
				continue // a golden trace
			}
			if !known[row] {
				t.Errorf("%s: %s is in no ledger", s.File, row)
			}
		}
	}
}
