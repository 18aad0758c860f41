package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLabels(t *testing.T) {
	tests := []struct{ pkg, name, want string }{
		{"cachepolicy", "TestTTL/TTL-01: a maximum of 0", "[TTL-01]"},
		{"proxy", "TestX/XC-12, XC-15: ids", "[XC-12 XC-15]"},
		{"proxy", "TestX/HDR-13 (requests): the viewer is appended", "[requests HDR-13]"},
		{"cachepolicy", "TestX/requests HDR-01: forwarded", "[requests HDR-01]"},
		{"proxy/front", "TestX/LIM-04: fields over the limit", "[requests LIM-04]"},
		{"proxy/bucket", "TestX/S3-03: a digit in the name", "[S3-03]"},
		{"proxy/control", "TestX/API-105, API-36: of three digits", "[API-105 API-36]"},
		{"proxy/front", "TestX/XC-15: ids", "[XC-15]"},
		{"proxy", "TestX/CMP-01–17: a range", "[]"},
		{"proxy", "TestX/CMP-01 to CMP-17: a range", "[]"},
		{"proxy", "TestX/unknown 6, D-13: a switch", "[unknown 6 D-13]"},
		{"proxy", "TestX/unknown-6: with a dash", "[unknown 6]"},
	}
	for _, tt := range tests {
		if got := fmt.Sprint(labelsOf(tt.pkg, tt.name)); got != tt.want && !(tt.want == "[]" && len(labelsOf(tt.pkg, tt.name)) == 0) {
			t.Errorf("%s %s: got %s, want %s", tt.pkg, tt.name, got, tt.want)
		}
	}
}

func TestCheck(t *testing.T) {
	l := &ledger{rows: []row{{id: "TTL-01", core: true}, {id: "TTL-02"}}}
	l.sections = []section{{"1. TTL", l.rows}}
	both := []result{{"p", "TestA/TTL-01: x", "pass"}, {"p", "TestA/TTL-02: y", "pass"}}
	kept, reasons := later, absent
	defer func() { later, absent = kept, reasons }()
	absent = nil
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
		{"a label names a row of the other ledger alone", nil, append(both[:2:2], result{"p", "TestA/LIM-10: z", "pass"}), nil, ""},
		{"a labelled test was skipped", nil, append(both[:2:2], result{"p", "TestA/TTL-01: z", "skip"}), nil, "was skipped"},
		{"a labelled test failed", nil, append(both[:2:2], result{"p", "TestA/TTL-01: z", "fail"}), nil, "failed"},
		{"a test without a label failed", nil, append(both[:2:2], result{"p", "TestB", "fail"}), nil, ""},
		{"a listed test did not run", nil, both, []string{"p TestA/TTL-01: old"}, "did not run"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			later = tt.later
			c := &corpora{caching: l, others: []*ledger{{sections: []section{{"LIM", []row{{id: requests + "LIM-10"}}}}}}}
			said := check(c, tt.results, c.assign(tt.results), tt.before)
			if tt.want == "" && len(said) > 0 || tt.want != "" && !strings.Contains(strings.Join(said, "\n"), tt.want) {
				t.Errorf("got %q, want %q", said, tt.want)
			}
		})
	}
	t.Run("a reason fits no row without a test", func(t *testing.T) {
		later, absent = nil, reasons[1:3] // of functions, and of Lambda@Edge
		defer func() { absent = nil }()
		c := &corpora{caching: &ledger{}, others: []*ledger{{rows: []row{{id: "FN-01"}, {id: "LE-01"}}}}}
		if said := check(c, nil, map[string][]string{"LE-01": {"p TestA"}}, nil); len(said) != 1 || !strings.Contains(said[0], "^(LE)-") {
			t.Errorf("got %q, want that of Lambda@Edge", said)
		}
	})
	t.Run("more than 40 are listed", func(t *testing.T) {
		later = map[string]string{}
		many := &ledger{}
		for i := range maxLater + 1 {
			r := row{id: fmt.Sprintf("TTL-%02d", i)}
			later[r.id], many.rows = "why", append(many.rows, r)
		}
		if said := check(&corpora{caching: many}, nil, nil, nil); !slices.Contains(said, "41 rows are listed, at most 40 may") {
			t.Errorf("got %q", said)
		}
	})
}

// The document that render writes is read back as it is.
func TestListedTests(t *testing.T) {
	shown := map[string][]string{"TTL-01": {"p TestA/TTL-01: a, b", "p TestB/TTL-01: c"}, "TTL-02": {"p TestB/TTL-01: c"}}
	l := &ledger{rows: []row{{id: "TTL-01", marks: "[doc]"}, {id: "TTL-02", marks: "[doc]"}}}
	l.sections = []section{{"1. TTL", l.rows}}
	if got := listedTests(render(&corpora{caching: l}, shown, nil)); !slices.Equal(got, shown["TTL-01"]) {
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

func TestReadOther(t *testing.T) {
	file := filepath.Join(t.TempDir(), "l.md")
	text := "# L\n\n## 1. A\n\n| id | operation | mark |\n|---|---|---|\n| API-100 | CreateX | in: a | [doc] / [inf] |\n### B\n| HDR-01 | a fact | source | [obs] |\n"
	for i := range 100 {
		text += fmt.Sprintf("| FN-%03d | a | b |\n", i)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := readOther(file)
	if err != nil {
		t.Fatal(err)
	}
	first, second := l.sections[0].rows[0], l.sections[1].rows[0]
	if first.id != "API-100" || first.marks != "[doc][inf]" || second.id != "requests HDR-01" || len(l.rows) != 102 {
		t.Errorf("got %+v, %+v and %d rows", first, second, len(l.rows))
	}
	for _, tt := range []struct {
		r    row
		want string
	}{{first, "the operation is refused"}, {second, untested}, {row{id: "FN-111"}, "not emulated: functions"}, {row{id: "FN-240"}, others}, {row{id: "SIG-159"}, untested}} {
		if got := tt.r.why(map[string]bool{"CreateX": true}); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.r.id, got, tt.want)
		}
	}
	if err := os.WriteFile(file, []byte(text[:200]), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readOther(file); err == nil {
		t.Error("a ledger of two rows is read")
	}
}

func TestCitations(t *testing.T) {
	const text = `package p

// TestA: API-40: an ETag.
func TestA(t *testing.T) {
	// API-41 is only talked about.
	t.Run("x", func(t *testing.T) { t.Errorf("API-42: got %d", 1) })
	t.Log("API-43")
}

// API-44 is no test's.
func helper(t *testing.T) { t.Error("API-45") }
`
	f, err := parser.ParseFile(token.NewFileSet(), "a_test.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(citations(f, "p")); got != "map[TestA:[API-40 API-42]]" {
		t.Errorf("got %s", got)
	}
}

func TestTests(t *testing.T) {
	results := []result{{"p", "TestA", "pass"}, {"p", "TestA/1", "pass"}, {"p", "TestA/2", "fail"}, {"p", "TestA/3", "pass"}, {"p", "TestA/3/x", "pass"}, {"q", "TestA/4", "pass"}, {"p", "TestAB", "pass"}}
	if passed, failed := tests(results, "p", "TestA"); passed != 2 || failed != 1 {
		t.Errorf("got %d and %d, want 2 and 1", passed, failed)
	}
	if passed, failed := tests(results, "p", "TestAB"); passed != 1 || failed != 0 {
		t.Errorf("got %d and %d, want 1 and none", passed, failed)
	}
}
