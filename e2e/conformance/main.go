// Command conformance runs the tests and says, row by row of the caching ledger,
// which of them shows that the row holds.
//
//	go run ./e2e/conformance
//
// It writes docs/CONFORMANCE.md. A test belongs to a row when its name, or a
// story's rows, hold the row's id; it has to have run and passed. What is wrong is
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
	document   = "docs/CONFORMANCE.md"
)

// packages are the ones whose tests count. e2e is left out: it takes a minute, and
// each row has to have a test below it.
var packages = []string{
	"./cachepolicy", "./proxy", "./proxy/control", "./proxy/distribution", "./proxy/front", "./proxy/origin", "./scenarios",
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run() error {
	ledger, err := readLedger(ledgerFile)
	if err != nil {
		return err
	}
	known, err := knownRows(ledgers)
	if err != nil {
		return err
	}
	labels, err := readStories(stories)
	if err != nil {
		return err
	}
	if err := readCorpus(corpus, labels); err != nil {
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
	shown := assign(results, labels, ledger)
	faults := check(ledger, known, results, labels, shown, listedTests(string(before)))
	unlike, answers, err := throughFronts()
	if err != nil {
		return err
	}
	faults = append(faults, unlike...)
	if err := os.WriteFile(document, []byte(render(ledger, shown)), 0o644); err != nil {
		return err
	}
	slices.Sort(faults)
	for _, f := range faults {
		fmt.Fprintln(os.Stderr, f)
	}
	n := tally(ledger.rows, shown)
	fmt.Printf("%d rows: %d shown by a test, %d not yet; see %s\n", len(ledger.rows), n.shown, n.later, document)
	fmt.Printf("%d answers through each front, our own and net/http alone\n", answers)
	if len(faults) > 0 {
		return fmt.Errorf("%d faults", len(faults))
	}
	return nil
}
