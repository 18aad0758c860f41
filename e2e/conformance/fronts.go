package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// frontPackage are the tests that ask an edge by viewers' requests. They can send them
// through a front: see proxy/through_test.go.
const frontPackage = "./proxy"

// notThroughFronts are tests whose viewers cannot be at the other end of a connection.
var notThroughFronts = map[string]string{
	"TestRequestLimits":        "counts the bytes of a head that was never written; proxy/front has the limits of one that was",
	"TestLargestObject":        "looks at a head that is not sent when the body breaks off with it",
	"TestWhatEventsTellTheLog": "looks for what is told after the last byte has gone",
}

// played is how many of something went the same way through both fronts.
type played struct {
	what string
	n    int
}

// compared are tests, beside those of frontPackage, that play something through both
// fronts and compare: one sub-test for each.
var compared = []struct{ pkg, test, what string }{
	{"scenarios", "TestStoriesThroughFronts", "stories, over HTTP/1.1 and over HTTP/2"},
	{"scenarios", "TestRandomStoriesThroughFronts", "tests of 100 random stories each, over HTTP/1.1 or HTTP/2"},
	{"proxy", "TestLaws", "tests of the edge's laws on 100 random stories each"},
	{"scenarios/replay", "TestGoldenTracesThroughFronts", "golden traces"},
	{"scenarios/replay", "TestDeploysThroughFronts", "deploy files"},
}

// throughFronts plays the rows' tests through our front and through net/http alone, and
// says which failed, and which answers differ. Of the other tests that compare the fronts
// it counts those that passed; results has what has run already.
func throughFronts(results []result) (all []played, faults []string, err error) {
	more, err := runTests([]string{"./scenarios/replay"}, "-run=ThroughFronts")
	if err != nil {
		return nil, nil, err
	}
	results = append(slices.Clone(results), more...)
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	var said [2][]string
	for i, front := range []string{"own", "net/http"} {
		file := filepath.Join(dir, fmt.Sprint(i))
		failed, err := playThrough(front, file)
		if err != nil {
			return nil, nil, err
		}
		faults = append(faults, failed...)
		if said[i], err = readAnswers(file); err != nil {
			return nil, nil, err
		}
	}
	all = append(all, played{"answers of the rows' tests", len(said[0])})
	for _, c := range compared {
		n, failed := tests(results, c.pkg, c.test)
		if all = append(all, played{c.what, n}); n == 0 || failed > 0 {
			faults = append(faults, fmt.Sprintf("%s %s: %d passed, %d did not", c.pkg, c.test, n, failed))
		}
	}
	return all, append(faults, unlike(said[0], said[1])...), nil
}

// tests are how many sub-tests of a test passed and failed that have none themselves; the
// test itself if it has none.
func tests(results []result, pkg, test string) (passed, failed int) {
	for _, r := range results {
		inner := func(o result) bool { return o.pkg == pkg && strings.HasPrefix(o.name, r.name+"/") }
		if r.pkg != pkg || r.name != test && !strings.HasPrefix(r.name, test+"/") || slices.ContainsFunc(results, inner) {
			continue
		}
		if r.action == "pass" {
			passed++
		} else {
			failed++
		}
	}
	return passed, failed
}

// playThrough runs the tests with their viewers behind front, and their answers in file.
func playThrough(front, file string) (failed []string, err error) {
	var skip []string
	for test := range notThroughFronts {
		skip = append(skip, "^"+test+"$")
	}
	cmd := exec.Command("go", "test", "-count=1", "-timeout=10m", "-skip", strings.Join(skip, "|"), frontPackage)
	cmd.Env = append(os.Environ(), "STALEPROOF_FRONT="+front, "STALEPROOF_ANSWERS="+file)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil, nil
	}
	for _, m := range regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`).FindAllSubmatch(out, -1) {
		failed = append(failed, fmt.Sprintf("%s: fails through the front %s", strings.ReplaceAll(string(m[1]), "_", " "), front))
	}
	if len(failed) == 0 {
		return nil, fmt.Errorf("%s through the front %s: %w\n%s", frontPackage, front, err, out)
	}
	return failed, nil
}

// readAnswers are the lines of a file in order: tests run beside each other.
func readAnswers(file string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("no answers were written down: %w", err)
	}
	defer f.Close()
	var lines []string
	in := bufio.NewScanner(f)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	slices.Sort(lines)
	return lines, in.Err()
}

// unlike are the answers of which the other front gave fewer. Both lists are sorted.
func unlike(ours, theirs []string) (faults []string) {
	say := func(front, line string) {
		faults = append(faults, fmt.Sprintf("only through the front %s: %.400s", front, line))
	}
	i, j := 0, 0
	for i < len(ours) && j < len(theirs) {
		switch strings.Compare(ours[i], theirs[j]) {
		case 0:
			i, j = i+1, j+1
		case -1:
			say("own", ours[i])
			i++
		default:
			say("net/http", theirs[j])
			j++
		}
	}
	for ; i < len(ours); i++ {
		say("own", ours[i])
	}
	for ; j < len(theirs); j++ {
		say("net/http", theirs[j])
	}
	return faults
}
