// Package report renders verdicts and traces for people and machines.
//
//   - [Text]: a table and the shortest counterexample for a terminal
//   - [HTML]: one file that needs no network, to read, step through and print
//   - [JSON]: everything, for other programs; docs/REPORT.md has the schema
//   - [JUnit]: for continuous integration
//   - [Markdown]: for the step summary of a GitHub workflow
//
// It decides nothing: statuses, classes, traces and repairs are the prover's. What
// it adds is words. The same report gives the same bytes, and whatever came from a
// site is escaped for where it is shown.
package report
