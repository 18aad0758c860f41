package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// result is what became of one test.
type result struct {
	pkg, name string // name with blanks, as it was written
	action    string // pass, fail or skip
}

// runTests runs the packages' tests anew, never from the cache. Arguments are go test's.
func runTests(packages []string, args ...string) ([]result, error) {
	args = append([]string{"test", "-count=1", "-json", "-timeout=10m"}, args...)
	cmd := exec.Command("go", append(args, packages...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var results []result
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var ev struct{ Action, Package, Test, ImportPath, Output string }
		if json.Unmarshal(lines.Bytes(), &ev) != nil {
			continue
		}
		switch ev.Action {
		case "pass", "fail", "skip":
			pkg := strings.TrimPrefix(ev.Package, "staleproof/")
			results = append(results, result{pkg, strings.ReplaceAll(ev.Test, "_", " "), ev.Action})
		case "build-output":
			fmt.Fprint(os.Stderr, ev.Output)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	cmd.Wait() // a failure is among the results
	if !slices.ContainsFunc(results, func(r result) bool { return r.name != "" }) {
		return nil, fmt.Errorf("go test ran no test of %v", packages)
	}
	return results, nil
}

// requests is what stands before an id of the ledger of requests when the caching ledger
// has one of that name, too.
const requests = "requests "

// shared are the sections that both ledgers have.
var shared = regexp.MustCompile(`^(HDR|ERR|LIM|LOG)-`)

// foreign are packages that cite the ledger of requests: where both ledgers have a
// section of one name, that one is meant.
var foreign = []string{"proxy/front"}

// label is an id in a test's name. An id with "(requests)" behind it, or
// "requests" before, is of that ledger; one in a range, as CMP-01–17, is not
// a label.
var label = regexp.MustCompile(`(requests )?(\b[A-Z][A-Z0-9]*-\d{2,3}\b|\bD-\d+\b|\bunknown[ -]\d+\b)( \(requests\)|[–-]\d| to [A-Z]+-\d)?`)

// labelsOf are the ids in a test's name.
func labelsOf(pkg, name string) []string {
	var ids []string
	for _, m := range label.FindAllStringSubmatch(name, -1) {
		id := m[2]
		if strings.HasPrefix(id, "unknown") {
			id = "unknown " + id[len("unknown "):]
		}
		marked := m[1] != "" || m[3] == " (requests)"
		switch {
		case m[3] != "" && !marked:
		case shared.MatchString(id) && (marked || slices.Contains(foreign, pkg)):
			ids = append(ids, requests+id)
		default:
			ids = append(ids, id)
		}
	}
	return ids
}

// labelled are the rows that a test shows: the ids in its name, those of the story it
// plays or of the case it reads, and those that it cites (see [readCitations]).
func (c *corpora) labelled(r result) []string {
	var ids []string
	for _, id := range c.written(r) {
		if c.known(requests+id) && !c.known(id) { // no need to say which ledger is meant
			id = requests + id
		}
		ids = append(ids, id)
	}
	return ids
}

// written is labelled with the ids as they are written.
func (c *corpora) written(r result) []string {
	if story, ok := strings.CutPrefix(r.name, "TestStories/"); ok && r.pkg == "scenarios" {
		return c.labels[story]
	}
	if name, ok := strings.CutPrefix(r.name, "TestCorpus/"); ok && r.pkg == "proxy/distribution" {
		return c.labels["corpus "+name]
	}
	return append(labelsOf(r.pkg, r.name), c.labels["cited by "+r.pkg+" "+r.name]...)
}

// assign gives each row the tests that ran and passed.
func (c *corpora) assign(results []result) map[string][]string {
	shown := map[string][]string{}
	for _, r := range results {
		if r.action != "pass" || r.name == "" {
			continue
		}
		for _, id := range c.labelled(r) {
			test := r.pkg + " " + r.name
			if !slices.Contains(shown[id], test) {
				shown[id] = append(shown[id], test)
			}
		}
	}
	for id := range shown {
		slices.Sort(shown[id])
		shown[id] = leaves(shown[id])
	}
	return shown
}

// leaves drops tests of which a sub-test stands in the list, too.
func leaves(tests []string) []string {
	var out []string
	for i, t := range tests {
		if i+1 < len(tests) && strings.HasPrefix(tests[i+1], t+"/") {
			continue
		}
		out = append(out, t)
	}
	return out
}
