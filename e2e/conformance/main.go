// Command conformance runs the tests and says, row by row of all ledgers, which of them
// shows that the row holds.
//
//	go run ./e2e/conformance
//
// It writes docs/CONFORMANCE.md. A test belongs to a row when its name, or a
// story's rows, hold the row's id; it has to have run and passed. A row of a ledger other
// than the caching one may also stand in the test's comment or in what it says when it
// fails, and need not have a test: then its state is said. What is wrong is
// said on standard error, with exit code 1: see [check]. So is it when a test fails
// with its viewers behind a front, or when the fronts do not answer alike.
package main

import (
	"fmt"
	"os"
	"slices"
)

// The files it reads and writes, from the project's root.
const (
	ledgerFile = "docs/cloudfront/caching.md"
	ledgers    = "docs/cloudfront/*.md"
	stories    = "scenarios/stories/*.yaml"
	corpus     = "proxy/distribution/testdata/corpus/*.txt"
	control    = "docs/CONTROL.md"
	document   = "docs/CONFORMANCE.md"
)

// packages are the ones whose tests count. e2e is left out: it takes a minute, and
// each row has to have a test below it.
var packages = []string{
	"./cachepolicy", "./proxy", "./proxy/bucket", "./proxy/control", "./proxy/control/cloudfront", "./proxy/distribution",
	"./proxy/front", "./proxy/headers", "./proxy/origin", "./proxy/state", "./scenarios",
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run() error {
	c, err := readAll()
	if err != nil {
		return err
	}
	results, err := runTests(packages)
	if err != nil {
		return err
	}
	before, err := os.ReadFile(document)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	shown := c.assign(results)
	faults := check(c, results, shown, listedTests(string(before)))
	played, unlike, err := throughFronts(results)
	if err != nil {
		return err
	}
	faults = append(faults, unlike...)
	if err := os.WriteFile(document, []byte(render(c, shown, played)), 0o644); err != nil {
		return err
	}
	slices.Sort(faults)
	for _, f := range faults {
		fmt.Fprintln(os.Stderr, f)
	}
	for _, l := range append([]*ledger{c.caching}, c.others...) {
		n := c.tally(l.rows, shown)
		fmt.Printf("%s: %d rows, %d shown by a test\n", l.file, n.rows, n.shown)
	}
	for _, p := range played {
		fmt.Printf("%s, through each front: %d\n", p.what, p.n)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d faults", len(faults))
	}
	return nil
}

// corpora are all that is read of the repository.
type corpora struct {
	caching *ledger
	others  []*ledger
	labels  map[string][]string // rows by story, case, and test that cites them
	refused map[string]bool     // operations of CloudFront's API
	ids     map[string]bool     // of all rows, when known was called
}

func readAll() (c *corpora, err error) {
	c = &corpora{}
	if c.caching, err = readCaching(ledgerFile); err != nil {
		return c, err
	}
	if c.others, err = readOthers(ledgers, ledgerFile); err != nil {
		return c, err
	}
	if c.labels, err = readStories(stories); err != nil {
		return c, err
	}
	if err = readCorpus(corpus, c.labels); err != nil {
		return c, err
	}
	if err = readCitations(packages, c.caching, c.labels); err != nil {
		return c, err
	}
	c.refused, err = operations(control)
	return c, err
}

// known reports whether a ledger has a row of that id.
func (c *corpora) known(id string) bool {
	if c.ids == nil {
		c.ids = map[string]bool{}
		for _, l := range append([]*ledger{c.caching}, c.others...) {
			for _, s := range l.sections {
				for _, r := range s.rows {
					c.ids[r.id] = true
				}
			}
		}
	}
	return c.ids[id]
}
