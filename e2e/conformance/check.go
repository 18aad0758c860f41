package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxLater is how many rows may wait.
const maxLater = 40

// check finds what is wrong:
//
//   - a row of the caching ledger that is neither tested nor listed in later.go, or is both;
//   - more than maxLater listed rows, or a listed row that is core or in no ledger;
//   - a label that names no row of any ledger;
//   - a labelled test that failed or was skipped;
//   - a reason in absent.go that fits no row without a test;
//   - a test that docs/CONFORMANCE.md names and that did not run.
func check(c *corpora, results []result, shown map[string][]string, before []string) []string {
	var faults []string
	say := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }

	byID := map[string]row{}
	for _, r := range c.caching.rows {
		byID[r.id] = r
		_, listed := later[r.id]
		switch {
		case len(shown[r.id]) == 0 && !listed:
			say("%s: no test shows it, and it is not listed", r.id)
		case len(shown[r.id]) > 0 && listed:
			say("%s: %s shows it: it need not be listed", r.id, shown[r.id][0])
		}
	}
	for id := range later {
		switch r, ok := byID[id]; {
		case !ok:
			say("%s is listed and in no ledger", id)
		case r.core:
			say("%s is core and may not be listed", id)
		}
	}
	for _, a := range absent {
		needed := func(r row) bool { return len(shown[r.id]) == 0 && a.rows.MatchString(r.id) }
		if !slices.ContainsFunc(c.others, func(l *ledger) bool { return slices.ContainsFunc(l.rows, needed) }) {
			say("%q fits no row without a test: %s", a.rows, a.why)
		}
	}
	if len(later) > maxLater {
		say("%d rows are listed, at most %d may", len(later), maxLater)
	}

	passed := map[string]bool{}
	for _, r := range results {
		ids := c.labelled(r)
		for _, id := range ids {
			if !c.known(id) {
				say("%s %s: %s is in no ledger", r.pkg, r.name, id)
			}
		}
		switch {
		case r.action == "pass":
			passed[r.pkg+" "+r.name] = true
		case r.action == "fail" && len(ids) > 0:
			say("%s %s failed", r.pkg, r.name)
		case len(ids) > 0:
			say("%s %s was skipped", r.pkg, r.name)
		}
	}
	for _, test := range before {
		if !passed[test] {
			say("%s stood in %s and did not run; if it is gone on purpose, commit the new file", test, document)
		}
	}
	return faults
}

var testCell = regexp.MustCompile("`([^`]+)`")

// listedTests are the tests that an earlier document names, each once.
func listedTests(doc string) []string {
	var tests []string
	for line := range strings.Lines(doc) {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		cells := strings.Split(line, " | ")
		if len(cells) < 5 {
			continue
		}
		for _, m := range testCell.FindAllStringSubmatch(cells[len(cells)-2], -1) {
			if !slices.Contains(tests, m[1]) {
				tests = append(tests, m[1])
			}
		}
	}
	return tests
}
