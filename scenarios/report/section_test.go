package report

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// Sections are in every form for people and, with their numbers, in JSON.
func TestSectionsAreRendered(t *testing.T) {
	r := Report{
		Sections: []Section{{Title: "What <it> costs", Facts: []Fact{{"Keep old files", "24 h & more"}}}},
		Figures:  []map[string]int{{"retentionSeconds": 86400}},
	}
	rows := []struct {
		form   string
		render func(io.Writer, Report) error
		want   []string
	}{
		{"text", func(w io.Writer, r Report) error { return Text(w, r, TextOptions{}) }, []string{"What <it> costs\n", "  Keep old files: 24 h & more\n"}},
		{"HTML", HTML, []string{"<h2>What &lt;it&gt; costs</h2>", "<dt>Keep old files</dt><dd>24 h &amp; more</dd>"}},
		{"Markdown", Markdown, []string{"### What", "- **Keep old files**: 24 h"}},
		{"JSON", JSON, []string{`"name": "Keep old files"`, `"retentionSeconds": 86400`}},
	}
	for _, row := range rows {
		var out strings.Builder
		if err := row.render(&out, r); err != nil {
			t.Fatal(err)
		}
		for _, want := range row.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s has no %q:\n%s", row.form, want, out.String())
			}
		}
		if row.form == "JSON" && !json.Valid([]byte(out.String())) {
			t.Errorf("no JSON: %s", out.String())
		}
	}
}

// A row of an asset class counts as its strategy.
func TestRowsOfAClassHaveAStrategy(t *testing.T) {
	for row, want := range map[string]bool{"name.hash": true, "lazy chunk: name.hash": true, "script: plain": false, "script: name.hash, one URL for two files": false} {
		if pathVersioned(row) != want {
			t.Errorf("%s: want %v", row, want)
		}
	}
}
