package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// row is one fact of a ledger, or one of its disputes.
type row struct {
	id       string // "TTL-16"; "requests HDR-01" where two ledgers have one of that name
	core     bool
	fact     string
	marks    string // "[doc][obs]", for a dispute "disputed"
	disputed string // "D-1", or ""
}

// section is a heading and the rows below it.
type section struct {
	title string
	rows  []row
}

// ledger is one file of facts.
type ledger struct {
	file     string
	sections []section
	rows     []row // all but the disputes
}

var (
	headingLine = regexp.MustCompile(`^## (\d+\. .*)`)
	rowLine     = regexp.MustCompile(`^\| ([A-Z]+-\d\d) \| (\*?) *\| (.*) \| ([^|]*) \| ((?:\[\w+\])+) \|$`)
	disputeLine = regexp.MustCompile(`^\| (D-\d+) \(([^)]*)\) \| ([^|]*) \|`)
	unknownLine = regexp.MustCompile(`^(\d+)\. (.*)`)
	trace       = regexp.MustCompile(`^T\d+$`) // of a deploy; no row
	dispute     = regexp.MustCompile(`\*\*\((D-\d+)\)\*\*`)
)

// readCaching reads every row of the caching ledger; fewer than 300 means that its form
// has changed.
func readCaching(file string) (*ledger, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	l := &ledger{file: file}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\n")
		if m := headingLine.FindStringSubmatch(line); m != nil {
			l.sections = append(l.sections, section{title: m[1]})
			continue
		}
		if len(l.sections) == 0 {
			continue
		}
		s := &l.sections[len(l.sections)-1]
		switch {
		case rowLine.MatchString(line):
			m := rowLine.FindStringSubmatch(line)
			r := row{id: m[1], core: m[2] == "*", fact: m[3], marks: m[5]}
			if d := dispute.FindStringSubmatch(line); d != nil {
				r.disputed = d[1]
			}
			s.rows = append(s.rows, r)
			l.rows = append(l.rows, r)
		case disputeLine.MatchString(line):
			m := disputeLine.FindStringSubmatch(line)
			s.rows = append(s.rows, row{id: m[1], fact: m[3], marks: "disputed"})
		case unknownLine.MatchString(line) && strings.Contains(s.title, "Unknown"):
			m := unknownLine.FindStringSubmatch(line)
			s.rows = append(s.rows, row{id: "unknown " + m[1], fact: m[2], marks: "[inf]"})
		case strings.HasPrefix(line, "| ") && regexp.MustCompile(`^\| [A-Z]+-\d`).MatchString(line):
			return nil, fmt.Errorf("%s: this row cannot be read: %s", file, line)
		}
	}
	if len(l.rows) < 300 {
		return nil, fmt.Errorf("%s: only %d rows read", file, len(l.rows))
	}
	return l, nil
}

// In the other ledgers the columns differ from table to table, but for the id, which is
// the first, and the marks, which are in the last.
var (
	plainHeading = regexp.MustCompile(`^##+ (.*)`)
	plainRow     = regexp.MustCompile(`^\| *([A-Z][A-Z0-9]*-\d+) *\| *(.*?) *\|$`)
	mark         = regexp.MustCompile(`\[(?:doc|obs|inf)\]`)
)

// readOthers reads the other ledgers.
func readOthers(pattern, caching string) ([]*ledger, error) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < 2 {
		return nil, fmt.Errorf("%s: no other ledger (%v)", pattern, err)
	}
	var all []*ledger
	for _, file := range files {
		if file == caching {
			continue
		}
		l, err := readOther(file)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// readOther reads every row; fewer than 100 means that its form has changed.
func readOther(file string) (*ledger, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	l := &ledger{file: file}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if m := plainHeading.FindStringSubmatch(line); m != nil {
			l.sections = append(l.sections, section{title: m[1]})
			continue
		}
		m := plainRow.FindStringSubmatch(line)
		if m == nil || len(l.sections) == 0 {
			continue
		}
		cells := strings.Split(m[2], "|")
		r := row{id: m[1], fact: strings.TrimSpace(cells[0]), marks: strings.Join(mark.FindAllString(cells[len(cells)-1], -1), "")}
		if shared.MatchString(r.id) {
			r.id = requests + r.id
		}
		s := &l.sections[len(l.sections)-1]
		s.rows = append(s.rows, r)
		l.rows = append(l.rows, r)
	}
	if len(l.rows) < 100 {
		return nil, fmt.Errorf("%s: only %d rows read", file, len(l.rows))
	}
	return l, nil
}

// readCorpus adds the rows of each case of the configuration corpus: the ids in the
// text above its first file.
func readCorpus(pattern string, labels map[string][]string) error {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%s: no case (%v)", pattern, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		about, _, _ := strings.Cut(string(b), "-- ")
		labels["corpus "+strings.TrimSuffix(filepath.Base(f), ".txt")] = labelsOf("proxy/distribution", about)
	}
	return nil
}

// readStories finds the rows that each story plays, by the story's name.
func readStories(pattern string) (map[string][]string, error) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s: no story (%v)", pattern, err)
	}
	name := regexp.MustCompile(`(?m)^name: (.*)$`)
	rows := regexp.MustCompile(`(?m)^rows: \[(.*)\]`)
	labels := map[string][]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		n, r := name.FindSubmatch(b), rows.FindSubmatch(b)
		if n == nil || r == nil {
			return nil, fmt.Errorf("%s has no name or no rows", f)
		}
		for id := range strings.SplitSeq(string(r[1]), ",") {
			title := strings.Trim(string(n[1]), `"' `)
			if id = strings.TrimSpace(id); !trace.MatchString(id) {
				labels[title] = append(labels[title], id)
			}
		}
	}
	return labels, nil
}
