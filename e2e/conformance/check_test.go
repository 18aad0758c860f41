package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLabels(t *testing.T) {
	tests := []struct{ pkg, name, want string }{
		{"cachepolicy", "TestTTL/TTL-01: a maximum of 0", "[TTL-01]"},
		{"proxy", "TestX/XC-12, XC-15: ids", "[XC-12 XC-15]"},
		{"proxy", "TestX/HDR-13 (requests): the viewer is appended", "[]"},
		{"cachepolicy", "TestX/requests HDR-01: forwarded", "[]"},
		{"proxy/front", "TestX/LIM-04: fields over the limit", "[]"},
		{"proxy/front", "TestX/XC-15: ids", "[XC-15]"},
		{"proxy", "TestX/CMP-01–17: a range", "[]"},
		{"proxy", "TestX/CMP-01 to CMP-17: a range", "[]"},
		{"proxy", "TestX/unknown 6, D-13: a switch", "[unknown 6 D-13]"},
	}
	for _, tt := range tests {
		if got := fmt.Sprint(labelsOf(tt.pkg, tt.name)); got != tt.want && !(tt.want == "[]" && len(labelsOf(tt.pkg, tt.name)) == 0) {
			t.Errorf("%s %s: got %s, want %s", tt.pkg, tt.name, got, tt.want)
		}
	}
}

func TestCheck(t *testing.T) {
	l := &ledger{rows: []row{{id: "TTL-01", core: true}, {id: "TTL-02"}}}
	known := map[string]bool{"TTL-01": true, "TTL-02": true}
	both := []result{{"p", "TestA/TTL-01: x", "pass"}, {"p", "TestA/TTL-02: y", "pass"}}
	kept := later
	defer func() { later = kept }()
	tests := []struct {
		name    string
		later   map[string]string
		results []result
		before  []string
		want    string // in what is said; "": nothing is
	}{
		{"all is well", nil, both, []string{"p TestA/TTL-01: x"}, ""},
		{"a row's test is gone", nil, both[:1], nil, "TTL-02: no test shows it"},
		{"a listed row need not be", map[string]string{"TTL-02": "why"}, both, nil, "it need not be listed"},
		{"a listed row is waited for", map[string]string{"TTL-02": "why"}, both[:1], nil, ""},
		{"a core row may not wait", map[string]string{"TTL-01": "why"}, both[1:], nil, "TTL-01 is core"},
		{"a listed row is in no ledger", map[string]string{"TTL-99": "why"}, both, nil, "TTL-99 is listed"},
		{"a label names no row", nil, append(both[:2:2], result{"p", "TestA/TTL-77: z", "pass"}), nil, "TTL-77 is in no ledger"},
		{"a labelled test was skipped", nil, append(both[:2:2], result{"p", "TestA/TTL-01: z", "skip"}), nil, "was skipped"},
		{"a labelled test failed", nil, append(both[:2:2], result{"p", "TestA/TTL-01: z", "fail"}), nil, "failed"},
		{"a listed test did not run", nil, both, []string{"p TestA/TTL-01: old"}, "did not run"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			later = tt.later
			said := check(l, known, tt.results, nil, assign(tt.results, nil, l), tt.before)
			if tt.want == "" && len(said) > 0 || tt.want != "" && !strings.Contains(strings.Join(said, "\n"), tt.want) {
				t.Errorf("got %q, want %q", said, tt.want)
			}
		})
	}
	t.Run("more than 40 are listed", func(t *testing.T) {
		later = map[string]string{}
		many := &ledger{}
		for i := range maxLater + 1 {
			r := row{id: fmt.Sprintf("TTL-%02d", i)}
			later[r.id], many.rows = "why", append(many.rows, r)
		}
		if said := check(many, nil, nil, nil, nil, nil); !slices.Contains(said, "41 rows are listed, at most 40 may") {
			t.Errorf("got %q", said)
		}
	})
}

// The document that render writes is read back as it is.
func TestListedTests(t *testing.T) {
	shown := map[string][]string{"TTL-01": {"p TestA/TTL-01: a, b", "p TestB/TTL-01: c"}}
	l := &ledger{rows: []row{{id: "TTL-01", marks: "[doc]"}}}
	l.sections = []section{{"1. TTL", l.rows}}
	if got := listedTests(render(l, shown)); !slices.Equal(got, shown["TTL-01"]) {
		t.Errorf("got %q, want %q", got, shown["TTL-01"])
	}
}

func TestUnlike(t *testing.T) {
	for _, row := range []struct{ ours, theirs, want string }{
		{"", "", ""},
		{"a b b c", "a b b c", ""},
		{"a b b", "a b", "own: b"},
		{"b", "a b c", "net/http: a;net/http: c"},
		{"a x", "a y", "own: x;net/http: y"},
	} {
		var got []string
		for _, f := range unlike(strings.Fields(row.ours), strings.Fields(row.theirs)) {
			got = append(got, strings.TrimPrefix(f, "only through the front "))
		}
		if strings.Join(got, ";") != row.want {
			t.Errorf("%q and %q: got %q, want %q", row.ours, row.theirs, got, row.want)
		}
	}
}
